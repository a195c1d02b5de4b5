"use strict";
// Sorting and filtering. Everything works on the table that is there: without this script it can still be read.
(() => {
  const $ = (id) => document.getElementById(id);
  const map = $("map"), body = map.tBodies[0], heads = map.tHead.rows[1];
  const rows = Array.from(body.rows, (row, index) => ({ row, index, text: row.cells[0].textContent.toLowerCase() }));
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  // From worst to best, so that sorting upwards shows first whom to help.
  const order = { x: 0, e: 1, u: 2, f: 3, b: 4, p: 5 };
  const rank = (cell) => order[cell.className[0]] * 1000 + (parseInt(cell.textContent.split(" ")[1], 10) || 0);
  const number = (cell) => { const n = parseFloat(cell.textContent); return Number.isNaN(n) ? -1 : n; };
  const key = (at) => at === 0 ? null : heads.cells[at].matches(".total, .l") ? number : rank;

  const sort = (at) => {
    const head = heads.cells[at];
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const of = key(at);
    for (const one of rows) one.key = of ? of(one.row.cells[at]) : one.text;
    const compare = of ? (a, b) => a.key - b.key : (a, b) => collator.compare(a.key, b.key);
    rows.sort((a, b) => (down ? compare(b, a) : compare(a, b)) || a.index - b.index);
    body.append(...rows.map((one) => one.row));
  };
  heads.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sort(button.parentElement.cellIndex);
  });

  // A level's columns are shown or hidden by one rule for all rows.
  const tops = Array.from(map.tHead.rows[0].cells).slice(2);
  const ranges = [];
  let from = 2;
  for (const top of tops) { ranges.push([from, from + top.colSpan]); from += top.colSpan; }
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const columns = (level) => {
    if (level === "") { sheet.replaceSync(""); return; }
    const [first, end] = ranges[level];
    const others = "#map :is(colgroup,tr:not(.tops))>:nth-child(n+3)";
    sheet.replaceSync(
      `${others}:not(:nth-child(n+${first + 1}):nth-child(-n+${end})){display:none}` +
      `#map .tops>th:not(:nth-child(${Number(level) + 3})){display:none}`);
  };

  const find = $("find"), level = $("level"), status = $("status"), count = $("count");
  const holds = (row, words) => words.every((word) => row.text.includes(word));
  const has = (row, wanted, first, end) => {
    const cells = row.row.cells;
    if (wanted === "none") return number(cells[1]) < 0;
    let all = true, some = false;
    for (let at = first; at < end; at++) {
      if (heads.cells[at].className === "l") continue;
      const letter = cells[at].className[0];
      some = some || letter === wanted;
      all = all && letter === "p";
    }
    return wanted === "full" ? all : some;
  };
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [first, end] = level.value === "" ? [2, heads.cells.length] : ranges[level.value];
    columns(level.value);
    let shown = 0;
    for (const one of rows) {
      const show = holds(one, words) && (status.value === "" || has(one, status.value, first, end));
      one.row.hidden = !show;
      shown += show;
    }
    count.textContent = `${shown} of ${rows.length}`;
    $("nobody").hidden = shown > 0;
  };
  for (const part of [find, level, status]) part.addEventListener("input", filter);
  $("filter").addEventListener("reset", () => setTimeout(filter));
  $("again").addEventListener("click", () => { $("filter").reset(); find.focus(); });
  // Name, Enter: the first who is left.
  $("filter").addEventListener("submit", (event) => {
    event.preventDefault();
    filter();
    const first = rows.find((one) => !one.row.hidden);
    if (first) location.href = first.row.cells[0].querySelector("a").href;
  });
  if (find.value || level.value || status.value) filter();

  // A cell says what it is, and leads to that check on the student's page.
  const check = (cell) => {
    const head = cell && cell.parentElement.parentElement === body ? heads.cells[cell.cellIndex] : null;
    return head && head.dataset.check !== undefined && cell.className !== "x" ? head : null;
  };
  body.addEventListener("pointerover", (event) => {
    const cell = event.target.closest("td"), head = check(cell);
    if (head && !cell.title) {
      const name = cell.parentElement.cells[0].querySelector("a").textContent;
      cell.title = `${name} · ${head.firstChild.title}\n${cell.textContent}`;
    }
  });
  body.addEventListener("click", (event) => {
    const cell = event.target.closest("td"), head = check(cell);
    if (head) location.href = `${cell.parentElement.cells[0].querySelector("a").href}#c${head.dataset.check}`;
  });
  performance.mark("rdgrade-ready");
})();
