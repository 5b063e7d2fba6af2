// Do the printed pages that an EPUB lists open, in epub.js and in foliate-js? Each entry of the page list is gone to, and what
// is found there must be a page break that bears the entry's folio. usage: node pagelist.mjs book.epub outdir [most=60]
import fs from 'node:fs'; import path from 'node:path'; import { B, args, session } from './common.mjs';
const { epub, out, pages: most } = args();
const pick = list => { const step = Math.max(1, list.length / (most || 60)); const o = []; for (let i = 0; i < list.length; i += step) o.push(list[Math.floor(i)]); return o; };
const failures = [];
const judge = (reader, listed, gone, log) => {
  for (const g of gone) if (g.error || g.label !== g.folio || g.kind !== 'doc-pagebreak') failures.push(`${reader}: ${g.label} -> ${g.href}: ${g.error || `found ${g.kind} “${g.folio}”`}`);
  if (!listed) failures.push(`${reader}: no page list`);
  for (const [kind, list] of Object.entries({ 'page error': log.pageErrors, failed: log.failed, external: log.external })) for (const x of list) failures.push(`${reader}: ${kind} ${x}`);
  console.log(`${reader}: ${listed} pages listed, ${gone.length} gone to`);
};
const within = `const within = (p, ms) => Promise.race([p, new Promise((_, j) => setTimeout(() => j(new Error('timeout')), ms))]);
const told = (label, href, el) => ({ label, href, kind: el?.getAttribute('role'), folio: el?.getAttribute('aria-label') });`;
{
  const html = `<!doctype html><meta charset=utf-8><div id=viewer></div><script>${within}</script><script src=/nm/jszip/dist/jszip.min.js></script><script src=/nm/epubjs03/dist/epub.js></script>`;
  const s = await session({ roots: { '/nm/': path.join(B, 'npm/node_modules') }, dynamic: { '/': ['text/html', html], '/book.epub': ['application/epub+zip', fs.readFileSync(epub)] } });
  await s.page.goto(s.origin + '/');
  const list = await s.page.evaluate(async () => {
    window.book = ePub('/book.epub'); await within(book.ready, 20000); window.r = book.renderTo('viewer', { width: 800, height: 1000 }); await within(r.display(), 20000);
    await within(book.loaded.pageList, 8000);
    // It reads Arabic folios only: the others are found by their ids.
    return (book.pageList?.pageList ?? []).map(p => ({ label: Number.isNaN(p.page) ? p.href.split('#page-')[1] : String(p.page), href: p.href }));
  });
  const gone = [];
  for (const t of pick(list)) gone.push(await s.page.evaluate(async t => {
    try { await within(r.display(t.href), 8000); const id = decodeURIComponent(t.href.split('#')[1]); return told(t.label, t.href, r.getContents()[0].document.getElementById(id)); } catch (e) { return { ...t, error: String(e) }; }
  }, t));
  await s.page.screenshot({ path: path.join(out, 'epubjs-last-page.png') });
  await s.close(); judge('epub.js', list.length, gone, s.log);
}
{
  const html = `<!doctype html><meta charset=utf-8><style>html,body{margin:0;height:100%}foliate-view{display:block;width:800px;height:1000px}</style><script>${within}</script><script type=module>import '/fj/view.js'; window.ready=true</script>`;
  const s = await session({ roots: { '/fj/': path.join(B, 'npm/node_modules/foliate-js') }, dynamic: { '/': ['text/html', html], '/book.epub': ['application/octet-stream', fs.readFileSync(epub)] } });
  await s.page.goto(s.origin + '/'); await s.page.waitForFunction('window.ready', { timeout: 15000 });
  const list = await s.page.evaluate(async () => {
    window.v = document.createElement('foliate-view'); document.body.append(v); await v.open('/book.epub'); await v.init({});
    return (v.book.pageList ?? []).map(p => ({ label: (p.label ?? '').trim(), href: p.href }));
  });
  const gone = [];
  for (const t of pick(list)) gone.push(await s.page.evaluate(async t => {
    try { const found = await within(v.goTo(t.href), 8000); const el = found?.anchor?.(v.renderer.getContents()[0].doc); return told(t.label, t.href, el); } catch (e) { return { ...t, error: String(e) }; }
  }, t));
  await s.page.screenshot({ path: path.join(out, 'foliate-last-page.png') });
  await s.close(); judge('foliate-js', list.length, gone, s.log);
}
for (const f of failures) console.log(f);
process.exitCode = failures.length ? 1 : 0;
