//! What the file says of itself: the information dictionary, the XMP packet that agrees with it, the standards that it claims, and
//! the colours that it means.

use super::super::packed::{Level, deflate};
use super::super::{Input, identifier, timestamp};
use super::file::File;
use super::finish::string;
use super::internal;
use crate::diagnostic::Diagnostic;
use lopdf::{Dictionary, ObjectId, dictionary};

pub(super) fn info(input: &Input<'_>) -> Dictionary {
    let book = &input.loaded.manifest.book;
    let names: Vec<&str> = book.authors.iter().map(|author| author.name()).collect();
    let date = chrono::DateTime::from_timestamp(timestamp(input.loaded), 0).unwrap_or_default().format("D:%Y%m%d%H%M%SZ").to_string();
    let mut info = dictionary! { "Title" => string(book.title.get_ref()), "Producer" => string("banxin"), "Creator" => string("banxin"), "CreationDate" => string(&date), "ModDate" => string(&date) };
    if !names.is_empty() {
        info.set("Author", string(&names.join(", ")));
    }
    if let Some(description) = &book.description {
        info.set("Subject", string(description));
    }
    if !book.subjects.is_empty() {
        info.set("Keywords", string(&book.subjects.join(", ")));
    }
    info
}

fn escape(text: &str) -> String {
    // Characters that XML does not hold are left out (XML 1.0, 2.2).
    let allowed = |c: &char| !matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let text: String = text.chars().filter(allowed).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The metadata packet.
pub(super) fn xmp(input: &Input<'_>) -> String {
    let book = &input.loaded.manifest.book;
    let date = chrono::DateTime::from_timestamp(timestamp(input.loaded), 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut body =
        format!("<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:title>", escape(book.title.get_ref()));
    if !book.authors.is_empty() {
        let names: String = book.authors.iter().map(|author| format!("<rdf:li>{}</rdf:li>", escape(author.name()))).collect();
        body += &format!("<dc:creator><rdf:Seq>{names}</rdf:Seq></dc:creator>");
    }
    if let Some(description) = &book.description {
        body +=
            &format!("<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:description>", escape(description));
    }
    body += &format!("<dc:language><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></dc:language>", escape(&book.language));
    body += &format!("<dc:identifier>{}</dc:identifier>", escape(&identifier(input.loaded)));
    body += &format!(
        "<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate><xmp:CreatorTool>banxin</xmp:CreatorTool><pdf:Producer>banxin</pdf:Producer>"
    );
    let claims = claims(&input.loaded.manifest.pdf.standard);
    if !book.subjects.is_empty() {
        body += &format!("<pdf:Keywords>{}</pdf:Keywords>", escape(&book.subjects.join(", ")));
    }
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\
         {body}</rdf:Description>{claims}</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}

/// The standards claimed, as XMP says them. PDF/A knows PDF/UA's word only by a description of it (ISO 19005-2, 6.6.2.3).
fn claims(standards: &[String]) -> String {
    let claimed = |name: &str| standards.iter().any(|standard| standard == name);
    let (accessible, archival) = (claimed("ua-1"), claimed("a-2a"));
    let mut out = String::new();
    if archival {
        out += "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\
                <pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance></rdf:Description>";
    }
    if accessible {
        out += "<rdf:Description rdf:about=\"\" xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">\
                <pdfuaid:part>1</pdfuaid:part></rdf:Description>";
    }
    if accessible && archival {
        out += "<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" \
                xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\
                <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\">\
                <pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
                <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
                <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
                <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType=\"Resource\">\
                <pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
                <pdfaProperty:category>internal</pdfaProperty:category>\
                <pdfaProperty:description>part of ISO 14289 that the file keeps</pdfaProperty:description>\
                </rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>";
    }
    out
}

/// The colours of the file are those of sRGB.
pub(super) fn output_intent(file: &mut File<'_>) -> Result<ObjectId, Diagnostic> {
    let mut bytes = moxcms::ColorProfile::new_srgb().encode().map_err(|error| internal(&error.to_string()))?;
    // The time of day, which moxcms puts into the header (ICC.1, 7.2.8), becomes the first of January 2000.
    if let Some(time) = bytes.get_mut(24..36) {
        time.copy_from_slice(&[7, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    let data = deflate(Level::Text, &bytes)?;
    let profile = file.add_stream(dictionary! { "N" => 3, "Filter" => "FlateDecode" }, vec![data.into()]);
    let intent = dictionary! {
        "Type" => "OutputIntent",
        "S" => "GTS_PDFA1",
        "OutputConditionIdentifier" => string("sRGB"),
        "RegistryName" => string("http://www.color.org"),
        "Info" => string("sRGB IEC61966-2.1"),
        "DestOutputProfile" => profile,
    };
    Ok(file.add(&intent.into()))
}
