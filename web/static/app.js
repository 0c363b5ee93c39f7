/* Comfort only: every page works without this file. No inline code, no eval (Content-Security-Policy 'self'). */
(function () {
  "use strict";

  var RESUBMIT_AFTER_MS = 10000; // a form that answers with a download leaves the page in place
  var leaving = false;

  function each(selector, action) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), action);
  }

  function snapshot(form) {
    return new URLSearchParams(
      Array.from(new FormData(form).entries()).map(function (pair) {
        return [pair[0], typeof pair[1] === "string" ? pair[1] : pair[1].name];
      })
    ).toString();
  }

  function watchUnsaved() {
    each("form[data-warn-unsaved]", function (form) {
      form.initialSnapshot = snapshot(form);
    });
  }

  function hasUnsaved() {
    return Array.from(document.querySelectorAll("form[data-warn-unsaved]")).some(function (form) {
      return form.initialSnapshot !== undefined && snapshot(form) !== form.initialSnapshot;
    });
  }

  function release(form) {
    delete form.dataset.sent;
    Array.prototype.forEach.call(form.querySelectorAll("[data-held]"), function (button) {
      button.disabled = false;
      button.removeAttribute("data-held");
    });
  }

  function hold(form) {
    form.dataset.sent = "1";
    // After the current task, so that the pressed button's own name and value are still sent.
    window.setTimeout(function () {
      Array.prototype.forEach.call(form.querySelectorAll("button:not([type=button])"), function (button) {
        if (!button.disabled) {
          button.disabled = true;
          button.setAttribute("data-held", "");
        }
      });
    }, 0);
    window.setTimeout(release, RESUBMIT_AFTER_MS, form);
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method.toLowerCase() !== "post") {
      return;
    }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    leaving = true;
    hold(form);
  });

  window.addEventListener("beforeunload", function (event) {
    if (!leaving && hasUnsaved()) {
      event.preventDefault();
    }
    leaving = false;
  });

  window.addEventListener("pageshow", function () {
    leaving = false;
    each("form[data-sent]", release);
  });

  document.addEventListener("keydown", function (event) {
    var menu = event.key === "Escape" && document.querySelector("details.account[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("click", function (event) {
    each("details.account[open]", function (menu) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  });

  document.addEventListener("DOMContentLoaded", function () {
    watchUnsaved();
    var summary = document.querySelector(".error-summary");
    if (summary) {
      summary.focus();
    }
  });
})();
