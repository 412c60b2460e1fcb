import CareValues

/// Tables, charts, style and script of the plan's page.
enum PlanPageParts {
    /// One bar of a chart.
    struct Bar {
        var number: Int32
        /// What it stands for, shown when pointed at, in both languages.
        var name: (english: String, chinese: String)
        /// What stands below it, in both languages; nil: nothing.
        var mark: (english: String, chinese: String)?
        var count: Int
    }

    /// A table that sorts by a click on a head, and filters by a text where it is long. What is wider than the page, or
    /// longer than most of it, moves inside of the table's own window.
    static func table(_ heads: [(english: String, chinese: String, isNumber: Bool)], _ rows: [[String]]) -> String {
        var html = "<div class=\"table\">"
        if rows.count > 8 {
            html +=
                "<label>\(PlanPage.both("Filter", "筛选")) <input type=\"search\" class=\"filter\"></label>"
        }
        html += "<div class=\"window\" tabindex=\"0\"><table><thead><tr>"
        for head in heads {
            html +=
                "<th scope=\"col\"\(head.isNumber ? " class=\"n\"" : "")><button type=\"button\">"
                + PlanPage.both(head.english, head.chinese) + "</button></th>"
        }
        html += "</tr></thead>\n<tbody>\n"
        for row in rows {
            html += "<tr>"
            for (head, cell) in zip(heads, row) {
                html += head.isNumber ? "<td class=\"n\">\(cell)</td>" : "<td>\(cell)</td>"
            }
            html += "</tr>\n"
        }
        return html + "</tbody></table></div></div>\n"
    }

    /// A chart of bars as inline SVG; empty: there are none.
    static func bars(_ bars: [Bar], label: String) -> String {
        let most = bars.map(\.count).max() ?? 0
        guard most > 0 else { return "" }
        let (width, height, left, bottom) = (960.0, 220.0, 56.0, 26.0)
        let step = (width - left) / Double(bars.count)
        let lines = scaleLines(most)
        let scale = (height - bottom - 14) / Double(lines.last ?? most)
        func number(_ value: Double) -> String { CanonicalJSON.numberText((value * 10).rounded() / 10) }
        var svg =
            "<div class=\"chart\"><svg viewBox=\"0 0 960 220\" role=\"img\" aria-label=\"\(PlanPage.escaped(label))\">\n"
        for line in lines {
            let y = height - bottom - Double(line) * scale
            svg += "<line class=\"grid\" x1=\"56\" x2=\"960\" y1=\"\(number(y))\" y2=\"\(number(y))\"/>"
            svg +=
                "<text x=\"50\" y=\"\(number(y + 4))\" text-anchor=\"end\">\(grouped(line))</text>\n"
        }
        for (index, bar) in bars.enumerated() {
            let x = left + Double(index) * step
            let size = Double(bar.count) * scale
            let y = height - bottom - size
            if bar.count > 0 {
                svg +=
                    "<rect x=\"\(number(x + step * 0.1))\" y=\"\(number(y))\" width=\"\(number(max(0.8, step * 0.8)))\" "
                    + "height=\"\(number(max(1, size)))\"><title data-zh=\"\(PlanPage.escaped(bar.name.chinese)): \(grouped(bar.count))\">"
                    + "\(PlanPage.escaped(bar.name.english)): \(grouped(bar.count))</title></rect>"
            }
            if let mark = bar.mark {
                svg +=
                    "<text x=\"\(number(x + 2))\" y=\"\(number(height - 8))\" data-zh=\"\(PlanPage.escaped(mark.chinese))\">"
                    + "\(PlanPage.escaped(mark.english))</text>"
            }
        }
        return svg + "\n</svg></div>\n"
    }

    /// Round numbers from 0 to the first that `most` does not exceed: at most six.
    static func scaleLines(_ most: Int) -> [Int] {
        var power = 1
        while true {
            for factor in [1, 2, 5] where factor * power * 5 >= most {
                let step = factor * power
                return Array(stride(from: 0, through: (most + step - 1) / step * step, by: step))
            }
            power *= 10
        }
    }

    static let style = """

        :root { color-scheme: light dark; --back: #fbfaf7; --ink: #22262b; --soft: #5c6570; --line: #d9d6cf; --card: #fff;
          --act: #1f7a4d; --held: #9a6700; --suppress: #6b4fa0; --skip: #8a5a44; --bar: #2f6f9f; }
        @media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { --back: #15181c; --ink: #e6e4df; --soft: #9aa3ad;
          --line: #343a41; --card: #1d2126; --act: #5cc391; --held: #d9a441; --suppress: #b39be0; --skip: #cf9f88; --bar: #6fb1e0; } }
        :root[data-theme=dark] { --back: #15181c; --ink: #e6e4df; --soft: #9aa3ad; --line: #343a41; --card: #1d2126;
          --act: #5cc391; --held: #d9a441; --suppress: #b39be0; --skip: #cf9f88; --bar: #6fb1e0; color-scheme: dark; }
        :root[data-theme=light] { color-scheme: light; }
        body { margin: 0 auto; max-width: 78rem; padding: 1rem 1.25rem 3rem; background: var(--back); color: var(--ink);
          font: 16px/1.5 system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
        h1 { font-size: 1.5rem; margin: .25rem 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; font-weight: 600; }
        .tools { float: right; margin: 0; } button { font: inherit; color: inherit; background: none; border: 1px solid var(--line);
          border-radius: .4rem; padding: .2rem .6rem; cursor: pointer; }
        .facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
        .facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; padding: 0; list-style: none; }
        .cards li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .9rem; }
        .cards b { display: block; font-size: 1.6rem; font-variant-numeric: tabular-nums; }
        .act b { color: var(--act); } .suppress b { color: var(--suppress); } .skip b { color: var(--skip); } .held b { color: var(--held); }
        .chart { overflow-x: auto; } .window { overflow: auto; max-height: 80vh; } .chart svg { min-width: 52rem; width: 100%; display: block; }
        svg text { fill: var(--soft); font-size: 14px; } svg rect { fill: var(--bar); } svg .grid { stroke: var(--line); }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } caption { text-align: left; }
        th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        th, td { white-space: nowrap; } th { position: sticky; top: 0; z-index: 1; background: var(--back); }
        th:first-child, td:first-child { position: sticky; left: 0; background: var(--back); } th:first-child { z-index: 2; }
        td code.data { display: block; white-space: normal; min-width: 14rem; } th.n, td.n { text-align: right; } th button { border: 0; padding: 0; font-weight: 600; }
        th[aria-sort=ascending] button::after { content: " ↑"; } th[aria-sort=descending] button::after { content: " ↓"; }
        input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .4rem;
          padding: .2rem .5rem; margin: .2rem 0 .5rem; } code { font-size: .9em; overflow-wrap: anywhere; } .note { color: var(--soft); }
        @media (max-width: 30rem) { body { padding: .75rem; } h1 { font-size: 1.2rem; clear: both; } th, td { padding: .25rem .4rem; } }
        @media print { .tools, label { display: none; } body { max-width: none; background: #fff; color: #000; }
          section { break-inside: avoid-page; } thead { display: table-header-group; } .window, .chart { overflow: visible; }
          .window { max-height: none; } th, td { position: static; white-space: normal; } td code.data { min-width: 0; } }

        """

    static let script = """

        "use strict";
        const texts = document.querySelectorAll("[data-zh]");
        for (const text of texts) text.dataset.en = text.textContent;
        const speak = zh => {
          document.documentElement.lang = zh ? "zh-CN" : "en";
          for (const text of texts) text.textContent = zh ? text.dataset.zh : text.dataset.en;
          const button = document.getElementById("language");
          button.textContent = zh ? "English" : "中文";
          button.lang = zh ? "en" : "zh";
        };
        speak((navigator.language || "").toLowerCase().startsWith("zh"));
        document.getElementById("language").onclick = () => speak(document.documentElement.lang === "en");
        document.getElementById("theme").onclick = () => {
          const root = document.documentElement;
          const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
          root.dataset.theme = dark ? "light" : "dark";
        };
        const value = (row, column) => {
          const cell = row.cells[column];
          const time = cell.querySelector("time");
          if (time) return time.dateTime;
          const text = cell.textContent.trim();
          const number = Number(text.replaceAll(",", ""));
          return text === "" || text === "-" || text === "?" ? -1 : Number.isNaN(number) ? text : number;
        };
        for (const box of document.querySelectorAll(".table")) {
          const body = box.querySelector("tbody");
          const rows = [...body.rows];
          box.querySelectorAll("th").forEach((head, column) => {
            head.firstChild.onclick = () => {
              const up = head.getAttribute("aria-sort") === "descending" || (!head.hasAttribute("aria-sort") && !head.classList.contains("n"));
              for (const other of box.querySelectorAll("th")) other.removeAttribute("aria-sort");
              head.setAttribute("aria-sort", up ? "ascending" : "descending");
              rows.sort((a, b) => {
                const x = value(a, column), y = value(b, column);
                const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === "number" ? -1 : 1;
                return up ? order : -order;
              });
              body.append(...rows);
            };
          });
          const filter = box.querySelector(".filter");
          if (filter) filter.oninput = () => {
            const wanted = filter.value.toLowerCase();
            for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
          };
        }

        """
}
