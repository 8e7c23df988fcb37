"""Texts of senders who want to be more than text, for every place where a page shows one.

Each that runs sets `owned`, opens a dialog, loads or leads somewhere, or leaves an element that was not there.
"""

_IN_ELEMENTS = [
    "<script>window.owned = 1</script>",
    "<SCRIPT>window.owned = 1</SCRIPT >",
    "<scr<script>ipt>window.owned = 1</scr</script>ipt>",
    "<script\n>alert(1)</script\t>",
    "<script/x>alert(1)</script>",
    "<script src=//127.0.0.1:1/x.js></script>",
    "<script type=module>import '//127.0.0.1:1/x.js'</script>",
    '<script type="importmap">{"imports": {"x": "data:text/javascript,window.owned = 1"}}</script>',
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>* { display: none }</style>",
    "<style>@import '//127.0.0.1:1/x.css';</style>",
    "<link rel=stylesheet href=//127.0.0.1:1/x.css>",
    "<link rel=prefetch href=//127.0.0.1:1/x>",
    "<base href=//127.0.0.1:1/>",
    "<meta http-equiv=refresh content='0;url=//127.0.0.1:1/'>",
    "<meta http-equiv=Content-Security-Policy content=\"script-src * 'unsafe-inline'\">",
    "<title>owned</title>",
    "<template shadowrootmode=open><script>window.owned = 1</script></template>",
    "<slot name=x></slot><hark-bell token-url=//127.0.0.1:1/></hark-bell>",
]
_IN_EVENTS = [
    '<img src=x onerror="window.owned = 1">',
    "<img src=x onerror=alert(1)//",
    "<IMG SRC=x ONERROR=alert(1)>",
    "<img/src/onerror=alert(1)>",
    "<img src=x\u00a0onerror=alert(1)>",
    "<img src='x' onerror\n=\nalert(1)>",
    "<image src=x onerror=alert(1)>",
    "<svg onload=window.owned=1>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text y=20>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<svg><set attributeName=href to=javascript:alert(1) onbegin=alert(1)></svg>",
    "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)></textarea>",
    "<details open ontoggle=alert(1)>",
    "<dialog open onclose=alert(1)><form method=dialog><button>x</button></form></dialog>",
    "<div popover id=p onbeforetoggle=alert(1)></div><button popovertarget=p>x</button>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<p onpointerenter=alert(1) style='position:fixed;inset:0'>x</p>",
    "<p style=animation-name:x onanimationstart=alert(1)>x</p>",
]
_IN_FRAMES_AND_LINKS = [
    "</span></button><iframe srcdoc='<script>parent.owned = 1</script>'></iframe>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe src='data:text/html,<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button autofocus>x</button></form>",
    "<button form=x formaction=javascript:alert(1)>x</button>",
    '<a href="javascript:window.owned = 1">x</a>',
    "<a href='&#x6a;avascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<area href=javascript:alert(1)>",
]
_OUT_OF_PLACES = [
    '"><svg onload="window.owned = 1">',
    "' onpointerover='alert(1)' x='",
    '" autofocus onfocus="alert(1)',
    "`-alert(1)-`",
    "';alert(1)//",
    "</script><script>alert(1)</script>",
    "--><img src=x onerror=alert(1)><!--",
    "]]><img src=x onerror=alert(1)>",
    "</textarea></title></style><img src=x onerror=alert(1)>",
    "javascript:/*--></title></style></textarea></script><svg/onload='+/\"/+/onload=1/+/[*/[]/+alert(1)//'>",
]
_IN_TEMPLATES = [
    "{{constructor.constructor('window.owned = 1')()}}",
    "${window.owned = 1}",
    "<%= alert(1) %>",
    "#{alert(1)} *{alert(1)} @(alert(1))",
    "$& $1 $$ $` %s %o %c",
    '{"__proto__": {"owned": 1}}',
    "__proto__",
]
_THAT_ARE_ONLY_ODD = [
    "&lt;b&gt;not bold&lt;/b&gt; &amp;amp; &#60;i&#62;",
    "\u202etxt.exe\u202c",
    "\u2066\u2067\u202b\u202d never closed",
    "\u2028\u2029 lines \u0085 of their own",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "\u00bcscript\u00bealert(1)\u00bc/script\u00be",
    "\ufeff<b>\u200b</b>\u200d\u00ad",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dalgo",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 40,
]

TEXTS = [*_IN_ELEMENTS, *_IN_EVENTS, *_IN_FRAMES_AND_LINKS, *_OUT_OF_PLACES, *_IN_TEMPLATES, *_THAT_ARE_ONLY_ODD]

# Where an entry may want to lead, and must not.
NO_PAGES = [
    "javascript:window.owned = 1",
    " javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "javascript://127.0.0.1/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "blob:null/1",
    "file:///etc/passwd",
    "view-source:x",
    "about:blank",
    "http://[",
    ["javascript:alert(1)"],
    {"href": "javascript:alert(1)"},
    0,
    None,
]

# Many at once, for a place that shows one text only.
MANY_AT_ONCE = (
    "\"'`--></span></button></script><script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>"
)
