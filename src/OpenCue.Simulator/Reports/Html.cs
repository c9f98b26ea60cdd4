using System.Net;

namespace OpenCue.Simulator.Reports;

/// <summary>What all parts of a page share.</summary>
internal static class Html
{
    /// <summary>Number of colours that the page has, as classes c0, c1 ... (lines) and f0, f1 ... (areas).</summary>
    public const int Colours = 8;

    /// <summary>
    /// The page's style. The colours can be told apart by people who see few, on a light ground and on a dark one; lines differ in their dashes, too.
    /// </summary>
    public const string Style =
        """
        :root { color-scheme: light dark; --ground: #ffffff; --text: #1c2024; --dim: #5f6a75; --rule: #d9dee3; --soft: #f4f6f8;
          --k0: #0072b2; --k1: #d55e00; --k2: #009e73; --k3: #b0568c; --k4: #8a6d00; --k5: #2aa1d8; --k6: #6a51a3; --k7: #666666; }
        @media (prefers-color-scheme: dark) { :root { --ground: #15181b; --text: #e6e9ec; --dim: #9aa5b0; --rule: #333a41; --soft: #1e2327;
          --k0: #4aa8e0; --k1: #ff8a3d; --k2: #2ec89b; --k3: #e29ac8; --k4: #e0c04a; --k5: #8fd3f4; --k6: #b5a1e6; --k7: #b0b0b0; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 24px 20px 60px; max-width: 1000px; background: var(--ground); color: var(--text);
          font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
        h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 34px 0 6px; } h3 { font-size: 15px; margin: 18px 0 2px; }
        p { margin: 4px 0; } .dim { color: var(--dim); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; margin: 8px 0; }
        th, td { padding: 4px 10px 4px 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
        th { color: var(--dim); font-weight: 600; } th:first-child, td:first-child { text-align: left; }
        .first { padding-left: 22px; } th[colspan] { border-bottom: none; text-align: left; }
        tbody tr:hover { background: var(--soft); }
        details summary { cursor: pointer; color: var(--dim); margin: 8px 0; }
        svg { width: 100%; height: auto; display: block; }
        svg text { fill: var(--dim); font-size: 12px; } .grid { stroke: var(--rule); } .tick { stroke: var(--dim); }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .area { opacity: .85; }
        .d1 { stroke-dasharray: 7 3; } .d2 { stroke-dasharray: 2 3; } .d3 { stroke-dasharray: 10 3 2 3; } .d4 { stroke-dasharray: 4 4; }
        .c0 { stroke: var(--k0); } .c1 { stroke: var(--k1); } .c2 { stroke: var(--k2); } .c3 { stroke: var(--k3); }
        .c4 { stroke: var(--k4); } .c5 { stroke: var(--k5); } .c6 { stroke: var(--k6); } .c7 { stroke: var(--k7); }
        .f0 { fill: var(--k0); } .f1 { fill: var(--k1); } .f2 { fill: var(--k2); } .f3 { fill: var(--k3); }
        .f4 { fill: var(--k4); } .f5 { fill: var(--k5); } .f6 { fill: var(--k6); } .f7 { fill: var(--k7); }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 13px; } .legend span { display: inline-flex; align-items: center; gap: 6px; }
        .legend svg { width: 26px; height: 10px; flex: none; }
        .mark { stroke: var(--text); stroke-width: 2; }
        """;

    /// <summary>A text as it stands in a page.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);
}
