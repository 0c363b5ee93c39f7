/* Comfort only: in a grid, arrows go from line to line and a pasted column fills the boxes below. */
(function () {
  "use strict";

  function column(box) {
    var kind = box.name.split("-")[0];
    return Array.from(box.closest("[data-grid]").querySelectorAll("[name^='" + kind + "-']"));
  }

  document.addEventListener("keydown", function (event) {
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    var box = event.target.closest && event.target.closest("[data-grid] input");
    if (!step || !box) {
      return;
    }
    var boxes = column(box);
    var next = boxes[boxes.indexOf(box) + step];
    if (next) {
      event.preventDefault();
      next.focus();
      next.select();
    }
  });

  document.addEventListener("paste", function (event) {
    var box = event.target.closest && event.target.closest("[data-grid] input");
    var lines = box ? event.clipboardData.getData("text").replace(/\r/g, "").replace(/\n$/, "").split("\n") : [];
    if (lines.length < 2) {
      return;
    }
    event.preventDefault();
    var boxes = column(box);
    var first = boxes.indexOf(box);
    lines.forEach(function (line, place) {
      if (boxes[first + place]) {
        boxes[first + place].value = line.split("\t").pop().trim();
      }
    });
  });
})();
