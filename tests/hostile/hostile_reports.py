"""Nothing of a notebook does anything to whoever reads the report: no script, no request, no endless page.

Outputs, texts, names, tracebacks, titles and file names are shown as what they are, or named where they cannot be.
`test_hostile_reports.py` opens the pages of these attacks in a browser.
"""

from hostile_attack import PASSED_BY_RIGHT, Markdown, vandal

# What a script does that runs; the word it writes stands nowhere in the page before.
RUN = "document.documentElement.setAttribute('data-yes','r'+'an');new Image().src='http://127.0.0.1:{tcp_port}/script'"
AWAY = "http://127.0.0.1:{tcp_port}"

HTML = f"""
<script>{RUN}</script><script src="{AWAY}/script.js"></script><ScRiPt>{RUN}</sCrIpT><script>{RUN}</script//
<img src="{AWAY}/image"><img src=x onerror="{RUN}"><img srcset="{AWAY}/srcset 2x"><image src="{AWAY}/image2">
<svg onload="{RUN}"><script>{RUN}</script><image href="{AWAY}/svg"/><use href="{AWAY}/use#x"/></svg>
<iframe src="{AWAY}/frame"></iframe><iframe srcdoc="<script>{RUN}</script>"></iframe>
<object data="{AWAY}/object"></object><embed src="{AWAY}/embed"><applet code="{AWAY}/applet"></applet>
<link rel=stylesheet href="{AWAY}/css"><link rel=prefetch href="{AWAY}/prefetch"><link rel=dns-prefetch href="{AWAY}">
<style>@import url("{AWAY}/import"); body {{ background: url("{AWAY}/background") }}</style>
<div style="background: url({AWAY}/style); position: fixed; inset: 0">over everything</div>
<meta http-equiv=refresh content="0; url={AWAY}/refresh"><base href="{AWAY}/">
<body onload="{RUN}" background="{AWAY}/b">
<form action="{AWAY}/form"><input autofocus onfocus="{RUN}"><input type=image src="{AWAY}/input">
<button>Go</button></form>
<video src="{AWAY}/video" autoplay poster="{AWAY}/poster"></video><audio src="{AWAY}/audio" autoplay></audio>
<details open ontoggle="{RUN}"><summary>more</summary></details><marquee onstart="{RUN}">x</marquee>
<a href="javascript:{RUN}" autofocus onfocus="{RUN}" ping="{AWAY}/ping">link</a>
<table background="{AWAY}/table"></table>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">
<noscript><p title="</noscript><img src=x onerror={RUN}>"></noscript><template><script>{RUN}</script></template>
<!--><img src=x onerror="{RUN}">--><![CDATA[<img src=x onerror="{RUN}">]]><xmp><script>{RUN}</script></xmp>
<p id="verdict" class="score" name="documentElement">15 of 15 points</p></details></section></main></body></html>
<script>{RUN}</script>
"""
SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="{RUN}" width="90"
height="90"><script>{RUN}</script><style>@import url("{AWAY}/svg-import");</style><image href="{AWAY}/svg-image"/>
<image xlink:href="{AWAY}/svg-xlink"/><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="{AWAY}/f"/>
</foreignObject><use href="{AWAY}/svg-use#x"/><rect fill="url({AWAY}/svg-fill#x)" width="9" height="9"/></svg>"""
MARKDOWN = f"""
# Title <script>{RUN}</script> {{{{ 7 * 7 }}}}
![picture]({AWAY}/markdown) ![by name][ref] [link](javascript:{RUN}) <{AWAY}/auto> [data](data:text/html,<script>{RUN})
![](data:image/svg+xml;base64,PHN2Zz4=) ![](//127.0.0.1:{{tcp_port}}/relative) ![a](attachment:x.png)

[ref]: {AWAY}/reference "</a><script>{RUN}</script>"

$\\href{{javascript:{RUN}}}{{x}} \\text{{</math><script>{RUN}</script>}} \\unicode{{x3c}}$
$$\\begin{{matrix}} <img src=x onerror="{RUN}"> \\end{{matrix}}$$

```html"><script>{RUN}</script>
</code></pre><script>{RUN}</script>
```

| a | b |
| - | - |
| <img src=x onerror="{RUN}"> | `<script>{RUN}</script>` |
"""

# A picture of 30,000 × 30,000 pixels in a few hundred thousand bytes.
BIG_PICTURE = """
import base64, struct, zlib
def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
def png(width, height):
    packer = zlib.compressobj(9)
    rows = b''.join(packer.compress(bytes(width * 3 + 1)) for _ in range(height)) + packer.flush()
    head = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', head) + chunk(b'IDAT', rows) + chunk(b'IEND', b'')
def show(mime, data):
    display({mime: data}, raw=True)
"""

ATTACKS = (
    vandal(
        name="script_in_outputs",
        what="shows HTML that runs scripts, loads pictures, frames, fonts and styles, and covers the page",
        cells=(
            f"from IPython.display import *\nhtml, run, away = {HTML!r}, {RUN!r}, {AWAY!r}\ndisplay(HTML(html))",
            "for n in range(0, len(html), 400):\n    display(HTML(html[n:n + 700]))",
            "display(Markdown(html), Latex(html), Pretty(html))\nprint(html)",
            """
for mime in ('application/javascript', 'text/javascript', 'text/vnd.mermaid', 'application/pdf', 'video/mp4',
             'text/html ', 'application/vnd.jupyter.widget-view+json', 'IMAGE/SVG+XML', 'image/png'):
    display({mime: html}, raw=True)
display(Javascript(run), IFrame(away + '/iframe', 9, 9), Image(url=away + '/image-by-name'))
""",
        ),
        says="",
    ),
    vandal(
        name="script_in_pictures",
        what="shows SVG that runs scripts and loads more, and pictures that are something else",
        cells=(
            f"from IPython.display import *\nsvg, run = {SVG!r}, {RUN!r}\n"
            "display(SVG(svg))\ndisplay({'image/svg+xml': svg}, raw=True)",
            """
import base64
for mime in ('image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/x'):
    for data in (svg, f'x" onerror="{run}', f'iVBORw0KGgo"><script>{run}</script>'):
        display({mime: base64.b64encode(data.encode()).decode()}, raw=True)
        display({mime: data}, raw=True)
        display(HTML(f'<img src="data:{mime};base64,{data}">'))
""",
        ),
        says="",
    ),
    vandal(
        name="script_in_texts",
        what="writes scripts and pictures of others into text cells: Markdown, HTML, links, formulas, tables",
        cells=(Markdown(MARKDOWN), Markdown(HTML), Markdown(f"## Question 2\n{HTML}\n{MARKDOWN}")),
        says="",
    ),
    vandal(
        name="script_in_errors",
        what="puts scripts into the names and messages of exceptions, into functions, code and what a check shows",
        cells=(
            f"html, run = {HTML!r}, {RUN!r}\nraise type(f'<script>{{run}}</script>', (Exception,), {{}})(html)",
            "import warnings\nwarnings.warn(html)\nexec(compile('def f():\\n    1 / 0', html[:200], 'exec'))\nf()",
            """
class Answer(str):
    pass
Answer.__qualname__ = html[:300]
def difference(a, b):
    return html
steps = Answer(html)
""",
            """
double.__name__ = double.__qualname__ = html
globals()['ident<b>ity'] = identity
def identity(x):
    raise type(f'<img src=x onerror={run}>', (ValueError,), {})(html)
""",
        ),
        passes=PASSED_BY_RIGHT - {"test_difference", "test_steps", "test_random_inputs"},
        says="<script>",
        status="errors",
    ),
    vandal(
        name="script_in_file_name",
        what="is handed in under a name that is HTML",
        cells=(),
        student="\"><img src=x onerror=\"document.title='r'+'an'\"><b>&lt;b&gt;{{ 7 * 7 }}'",
        says="",
    ),
    *(
        vandal(
            name=f"formula_in_file_name_{number}",
            what=f"is handed in as a formula for a spreadsheet: {student}",
            cells=(),
            student=student,
            says="",
        )
        for number, student in enumerate(
            (
                '=HYPERLINK("http:127.0.0.1","Full points")',
                "+cmd|' -C calc'!A0",
                "-2+3+cmd|' -C calc'!A0",
                "@SUM(1+1)*cmd|' -C calc'!A0",
                " \t=1+1",
                "\N{FULLWIDTH EQUALS SIGN}1+1",
                "\u200b=1+1",
                'x","100","=1+1\n=1+1',
            ),
            1,
        )
    ),
    vandal(
        name="terminal_codes",
        what="writes codes for a terminal into outputs, messages and its own file name: clear, title, direction",
        cells=(
            "codes = '\\x1b[2J\\x1b[H\\x1b]0;owned\\x07\\x1b]8;;http://x\\x07\\x9b31m\\x1bP+q\\x1b\\\\\\x1b_x\\x08\\r\\x7f\\u202e'\n"
            "print(codes)\ndisplay({'text/plain': codes, 'text/html': codes}, raw=True)\nraise ValueError(codes)",
            "def difference(a, b):\n    raise ValueError(codes)\nsteps = codes",
        ),
        passes=PASSED_BY_RIGHT - {"test_difference", "test_steps"},
        student="x\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp.y",
        says="ValueError",
        status="errors",
    ),
    vandal(
        name="zip_bomb_in_a_picture",
        what="shows a picture that is a few hundred kilobytes as a file and gigabytes when it is unpacked",
        cells=(
            BIG_PICTURE + "picture = base64.b64encode(png(12_000, 12_000)).decode()\n"
            "print('kB', len(picture) // 1000)\nfor _ in range(5):\n    show('image/png', picture)",
        ),
        limits={"cell_s": 20},
        inside=r"kB \d+",
        says="",
    ),
    vandal(
        name="zip_bomb_in_a_drawing",
        what="shows drawings that are endless: a thousand million squares in ten lines, entities, compressed SVG",
        cells=(
            BIG_PICTURE
            + """
levels = ''.join(f'<g id="l{n}">' + f'<use href="#l{n - 1}"/>' * 10 + '</g>' for n in range(1, 10))
head = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90">'
show('image/svg+xml', head + '<defs><rect id="l0" width="1" height="1"/>' + levels + '</defs><use href="#l9"/></svg>')
entities = ''.join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
show('image/svg+xml', f'<!DOCTYPE svg [<!ENTITY e0 "lol">{entities}]>{head}<text>&e9;</text></svg>')
show('image/svg+xml', '<svg ' + base64.b64encode(zlib.compress(head.encode() * 10**6)).decode())
blurred = ''.join(f'<feGaussianBlur stdDeviation="{n + 500}"/>' for n in range(200))
blurred = f'<filter id="f" width="9999" height="9999">{blurred}</filter><rect filter="url(#f)"/>'
show('image/svg+xml', f'{head}{blurred}</svg>')
""",
        ),
        says="",
    ),
    vandal(
        name="endless_page",
        what="shows tables of a hundred thousand rows, tags nested a hundred thousand deep, a heading that never ends",
        cells=(
            """
from IPython.display import HTML
display(HTML('<table>' + '<tr><td>1<td>2' * 100_000))
display(HTML('<div><b><i>' * 30_000), HTML('<ul><li>' * 30_000), HTML('<a href="http://x">' * 30_000))
display({'text/markdown': '>' * 30_000}, raw=True)
display({'text/markdown': '*_' * 20_000 + '[' * 20_000 + '`' * 9_999}, raw=True)
display({'text/latex': '$' + '{' * 20_000 + '\\\\frac' * 20_000 + '$'}, raw=True)
display({'text/latex': '$' + '\\\\left(' * 400 + '^' * 999 + '$'}, raw=True)
""",
            Markdown("#" * 100_000 + "- " * 50_000 + "|a" * 50_000 + "\n" + "|-" * 50_000),
        ),
        says="",
    ),
)
