import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { FOREIGN } from './context.ts';

export const originCors: Check = {
  id: 'origin/cors',
  title: 'Web pages of other origins cannot read responses',
  fault: 'Web pages of other origins can read responses',
  severity: 'medium',
  why: 'A page in the browser of a user reads the data that the server gives to the user',
  sends: `OPTIONS and POST without a token, with Origin: ${FOREIGN}`,
  fix: 'Send Access-Control-Allow-Origin only for listed origins; never echo Origin or send * at the endpoint',
  frameworks: {
    Express: 'cors({ origin: ["https://app.example.com"] })',
    Hono: "cors({ origin: ['https://app.example.com'] })",
    FastAPI: 'CORSMiddleware(allow_origins=["https://app.example.com"])',
  },
  reference: 'WHATWG Fetch §3.3',
  baseline: 'answer',
  async run({ known, send }) {
    const headers = { origin: FOREIGN, 'access-control-request-method': 'POST' };
    const body = JSON.stringify(known.eras[0]?.message('tools/list').body ?? {});
    const answers = [
      await send({ method: 'OPTIONS', auth: 'none', headers }),
      await send({ auth: 'none', headers: { origin: FOREIGN }, body }),
    ];
    const open = answers.filter(({ headers }) =>
      ['*', FOREIGN].includes(headers['access-control-allow-origin'] ?? ''),
    );
    if (open.length === 0) return pass('no Access-Control-Allow-Origin for this origin');
    const values = open.map(({ headers }) => headers['access-control-allow-origin']);
    const said = `Access-Control-Allow-Origin: ${values.join(', ')}`;
    const withCredentials = open.some((one) => one.headers['access-control-allow-credentials'] === 'true');
    // A page does not know the bearer token, and a browser adds only cookies.
    return known.isProtected && !withCredentials ? fail(said, 'low') : fail(said);
  },
};
