// The API reference: Swagger UI over /openapi.json of this origin.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { startThemeButton } from '../playground/view/theme-button.ts';
import { onThemeChange } from '../playground/view/colours.ts';

startThemeButton();

/** The viewer's own switch between its two themes. */
function showTheme() {
  const { theme } = document.documentElement.dataset;
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark-mode', dark);
}
showTheme();
onThemeChange(showTheme);

SwaggerUI({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: false,
  // Nothing is sent to a validator outside.
  validatorUrl: null,
});
