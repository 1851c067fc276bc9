"""Colours and fonts of the page: one accent, one neutral ground, one type scale, system fonts. The style sheet page.css sets the
layout.
"""

from pathlib import Path

import gradio as gr

STYLE_SHEET = Path(__file__).with_name("page.css")
TAB_SHEETS = tuple(sorted(Path(__file__).parent.glob("*/*.css")))  # each tab has a style sheet in its folder
ICON = Path(__file__).with_name("favicon.svg")

# Warm greys. Greys of text have a contrast of at least 4.5 with the backgrounds on which they are used.
GROUND = gr.themes.Color(
    name="ground",
    c50="#fbfaf8",
    c100="#f4f3ef",
    c200="#e7e5df",
    c300="#d5d2ca",
    c400="#a8a49a",
    c500="#79756c",
    c600="#5f5b53",
    c700="#44413b",
    c800="#2b2926",
    c900="#1d1c1a",
    c950="#141312",
)
LEAF = gr.themes.Color(
    name="leaf",
    c50="#eef7f1",
    c100="#d8ecdf",
    c200="#b3dac2",
    c300="#83c19c",
    c400="#5cb585",
    c500="#2f8a5b",
    c600="#257049",
    c700="#1d5a3b",
    c800="#184730",
    c900="#123525",
    c950="#0b2016",
)
# Names of fonts that systems include; no font is loaded. Latin fonts come first, so that Chinese pages use their digits.
FONTS = [
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Helvetica",
    "Arial",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
]
MONO_FONTS = ["ui-monospace", "SF Mono", "Consolas", "Liberation Mono", "monospace"]

# Flat style: controls have no box of their own; only fields and the primary button do.
SETTINGS = {
    "body_background_fill": "*neutral_50",
    "body_background_fill_dark": "*neutral_950",
    "body_text_color": "*neutral_900",
    "body_text_color_dark": "#eceae5",
    "body_text_color_subdued": "*neutral_600",
    "body_text_color_subdued_dark": "#a6a299",
    "background_fill_primary": "#ffffff",
    "background_fill_primary_dark": "*neutral_900",
    "background_fill_secondary": "*neutral_100",
    "background_fill_secondary_dark": "#191817",
    "border_color_primary": "*neutral_200",
    "border_color_primary_dark": "#33312d",
    "color_accent": "*primary_600",
    "color_accent_soft": "*primary_50",
    "color_accent_soft_dark": "#16241c",
    "link_text_color": "*primary_600",
    "link_text_color_dark": "*primary_400",
    "link_text_color_hover": "*primary_700",
    "link_text_color_hover_dark": "*primary_300",
    "block_background_fill": "transparent",
    "block_background_fill_dark": "transparent",
    "block_border_width": "0px",
    "block_border_width_dark": "0px",
    "block_padding": "0px",
    "block_shadow": "none",
    "block_shadow_dark": "none",
    "block_label_background_fill": "transparent",
    "block_label_background_fill_dark": "transparent",
    "block_label_text_color": "*body_text_color_subdued",
    "block_label_text_color_dark": "*body_text_color_subdued",
    "block_title_text_color": "*body_text_color",
    "block_title_text_color_dark": "*body_text_color",
    "block_title_text_weight": "600",
    "block_title_text_size": "*text_md",
    "block_info_text_color": "*body_text_color_subdued",
    "block_info_text_color_dark": "*body_text_color_subdued",
    "block_info_text_size": "*text_sm",
    "layout_gap": "16px",
    "form_gap_width": "0px",
    "input_background_fill": "#ffffff",
    "input_background_fill_dark": "*neutral_900",
    "input_border_color": "*neutral_300",
    "input_border_color_dark": "#45423c",
    "input_border_color_focus": "*primary_600",
    "input_border_color_focus_dark": "*primary_400",
    "input_border_width": "1px",
    "input_placeholder_color": "*neutral_500",
    "input_placeholder_color_dark": "#8d897f",
    "input_shadow": "none",
    "input_shadow_focus": "0 0 0 3px color-mix(in srgb, var(--primary-600) 22%, transparent)",
    "input_shadow_focus_dark": "0 0 0 3px color-mix(in srgb, var(--primary-400) 30%, transparent)",
    "slider_color": "*primary_600",
    "slider_color_dark": "*primary_400",
    "button_primary_background_fill": "*primary_600",
    "button_primary_background_fill_hover": "*primary_700",
    "button_primary_background_fill_dark": "*primary_400",
    "button_primary_background_fill_hover_dark": "*primary_300",
    "button_primary_text_color": "#ffffff",
    "button_primary_text_color_dark": "*primary_950",
    "button_primary_border_color": "*primary_600",
    "button_primary_border_color_dark": "*primary_400",
    "button_secondary_background_fill": "#ffffff",
    "button_secondary_background_fill_dark": "*neutral_900",
    "button_secondary_background_fill_hover": "*neutral_100",
    "button_secondary_background_fill_hover_dark": "*neutral_800",
    "button_secondary_border_color": "*neutral_300",
    "button_secondary_border_color_dark": "#45423c",
    "button_border_width": "1px",
    "button_large_text_weight": "600",
    "button_medium_text_weight": "500",
    "checkbox_background_color_selected": "*primary_600",
    "checkbox_background_color_selected_dark": "*primary_600",
    "checkbox_border_color_selected": "*primary_600",
    "checkbox_border_color_selected_dark": "*primary_600",
    "accordion_text_color": "*body_text_color_subdued",
    "accordion_text_color_dark": "*body_text_color_subdued",
}

# Gradio shows Chinese for `zh-CN` and `zh-TW`; the page declares its language for fonts and screen readers. A visitor's choice by
# the switch in the header then replaces the browser's own language (gan/ui/language.py reads the cookie).
HEAD = """
<script>
(() => {
  document.addEventListener("click", (event) => {
    const { language } = event.target.closest?.(".language-switch")?.dataset ?? {};
    if (!language) return;
    const framed = location.protocol === "https:" ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
    document.cookie = `seedbed_language=${language}; path=/; max-age=31536000; ${framed}`;
    location.reload();
  });
})();
document.documentElement.lang = /^zh-(CN|TW)$/.test(navigator.language) ? navigator.language : "en";
</script>
"""


def theme() -> gr.themes.Base:
    """Return the page's theme for Gradio."""
    base = gr.themes.Base(
        primary_hue=LEAF,
        secondary_hue=LEAF,
        neutral_hue=GROUND,
        text_size=gr.themes.sizes.text_md,
        spacing_size=gr.themes.sizes.spacing_md,
        radius_size=gr.themes.sizes.radius_md,
        font=FONTS,
        font_mono=MONO_FONTS,
    )
    return base.set(**SETTINGS)
