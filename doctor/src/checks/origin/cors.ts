import type { Check } from '../../check.ts';
import type { Answer } from '../../exchange.ts';
import { fail, pass } from '../../verdict.ts';
import { FOREIGN } from './context.ts';

export const originCors: Check = {
  id: 'origin/cors',
  title: 'CORS allows no page of another origin',
  fault: 'CORS allows pages of other origins',
  severity: 'medium',
  why: 'A page in the browser of a user reads the data that the server gives to the user',
  sends: `OPTIONS and POST without a token, and a list with it, with Origin: ${FOREIGN}`,
  fix: 'Send Access-Control-Allow-Origin only for listed origins; never echo Origin or send * at the endpoint',
  frameworks: {
    Express: 'cors({ origin: ["https://app.example.com"] })',
    Hono: "cors({ origin: ['https://app.example.com'] })",
    FastAPI: 'CORSMiddleware(allow_origins=["https://app.example.com"])',
  },
  reference: 'WHATWG Fetch §3.3',
  baseline: 'answer',
  async run({ known, send, askBase }) {
    const headers = { origin: FOREIGN };
    const body = JSON.stringify(known.eras[0]?.message('tools/list').body ?? {});
    const preflight = await send({
      ...{ method: 'OPTIONS', auth: 'none' },
      headers: { ...headers, 'access-control-request-method': 'POST' },
    });
    const answers = [await send({ auth: 'none', headers, body })];
    // A server may add the header to its results only.
    for (const era of known.eras.filter(({ isServed }) => isServed))
      answers.push(await askBase(era, { headers }));
    const open = [preflight, ...answers].filter(allows);
    if (open.length === 0) return pass('no Access-Control-Allow-Origin for this origin');
    const values = new Set(open.map((one) => one.headers[ALLOWED]));
    const said = `Access-Control-Allow-Origin: ${[...values].join(', ')}`;
    if (!answers.some(allows))
      return fail(
        `${said}, in the preflight only: a page can send a request, and not read the response`,
        'low',
      );
    const withCredentials = open.some((one) => one.headers['access-control-allow-credentials'] === 'true');
    // A page does not know the bearer token, and a browser adds only cookies.
    return known.isProtected && !withCredentials ? fail(said, 'low') : fail(said);
  },
};

const ALLOWED = 'access-control-allow-origin';
const allows = ({ headers }: Answer): boolean => ['*', FOREIGN].includes(headers[ALLOWED] ?? '');
