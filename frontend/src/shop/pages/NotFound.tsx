import { Link } from 'react-router';
import { Page } from '../../page/Page';
import { Empty } from '../../page/states';
import { m } from '../../paraglide/messages';

export default function NotFound() {
  return (
    <Page title={m.not_found_title()}>
      <Empty title={m.not_found_advice()}>
        <Link className="button button-main" to="/">
          {m.nav_shop()}
        </Link>
      </Empty>
    </Page>
  );
}
