// Runs before the first paint, so that a chosen theme does not flash. The system's choice needs no script.
const chosen = (() => {
  try {
    return localStorage.getItem('theme');
  } catch {
    // Storage may be forbidden; then the system decides.
    return null;
  }
})();
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
