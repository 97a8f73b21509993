/** One customer: what is kept of them, their orders, and erasing them. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { body } from '../../api/client';
import { type OperatorCustomer, eraseCustomer, showCustomer } from '../../api/generated';
import { ApiProblem } from '../../api/problem';
import { formatInstant, useLanguage } from '../../language/language';
import { Ask } from '../../page/Ask';
import { Failure } from '../../page/Failure';
import { Page } from '../../page/Page';
import { Empty, Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { AddressLines } from '../../shop/account/AddressLines';
import { type OperatorReason, REASONS, erasureWords } from '../customers/reasons';

export function CustomerDetail() {
  const { customerId = '' } = useParams();
  const customer = useQuery({
    queryKey: ['operator', 'customer', customerId],
    queryFn: () => body(showCustomer({ path: { customer_id: customerId } })),
    staleTime: 0,
  });
  const lead = (
    <p className="order-id">
      {m.customer_number()} <code>{customerId}</code>
    </p>
  );
  return (
    <Page title={m.console_customer()} lead={lead}>
      <p>
        <Link to={`/?text=${encodeURIComponent(customerId)}`}>{m.customer_orders()}</Link>
      </p>
      {customer.isPending ? (
        <Loading />
      ) : customer.error instanceof ApiProblem && customer.error.status === 404 ? (
        <Empty title={m.customer_unknown()}>
          <p>{m.customer_unknown_note()}</p>
        </Empty>
      ) : customer.error ? (
        <Failure error={customer.error} onRetry={() => void customer.refetch()} />
      ) : (
        <Kept customer={customer.data} />
      )}
    </Page>
  );
}

function Kept({ customer }: { customer: OperatorCustomer }) {
  const language = useLanguage();
  const { profile, addresses, erased } = customer;
  if (erased) {
    return (
      <Empty title={m.customer_erased()}>
        <p>{m.customer_erased_when({ when: formatInstant(erased.at, language), why: erasureWords(erased.reason) })}</p>
      </Empty>
    );
  }
  const consent = profile?.marketing_consent;
  return (
    <>
      <div className="parts">
        <section className="panel" aria-labelledby="profile">
          <h2 id="profile">{m.account_profile()}</h2>
          <dl className="facts">
            <Fact name={m.account_name()} value={profile?.name} />
            <Fact name={m.account_phone()} value={profile?.phone} />
            <Fact name={m.account_language()} value={profile?.language && (profile.language === 'ja' ? m.language_ja() : m.language_en())} />
            <Fact name={m.account_letters()} value={consent && (consent.given ? m.customer_letters_yes({ when: formatInstant(consent.at, language) }) : m.customer_letters_no({ when: formatInstant(consent.at, language) }))} />
            <Fact name={m.customers_since()} value={profile?.registered_at && formatInstant(profile.registered_at, language)} />
          </dl>
        </section>
        <section className="panel" aria-labelledby="addresses">
          <h2 id="addresses">{m.account_addresses()}</h2>
          {addresses.length === 0 && <p>{m.address_none()}</p>}
          <ul>
            {addresses.map((address) => (
              <li key={address.address_id}>
                <AddressLines address={address} />
                {address.retired_at && <small>{m.customer_address_retired({ when: formatInstant(address.retired_at, language) })}</small>}
              </li>
            ))}
          </ul>
        </section>
      </div>
      <Erasing customerId={customer.customer_id} />
    </>
  );
}

function Fact({ name, value }: { name: string; value: string | null | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value || '—'}</dd>
    </div>
  );
}

function Erasing({ customerId }: { customerId: string }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState<OperatorReason>('customer_request');
  const [typed, setTyped] = useState('');
  const erase = useMutation({
    mutationFn: () => body(eraseCustomer({ path: { customer_id: customerId }, body: { reason } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['operator'] }),
  });
  return (
    <section className="panel" aria-labelledby="erasing">
      <h2 id="erasing">{m.customer_erase()}</h2>
      <p>{m.customer_erase_what()}</p>
      <label className="field">
        {m.console_reason()}
        <select value={reason} onChange={(event) => setReason(event.target.value as OperatorReason)}>
          {REASONS.map((one) => (
            <option key={one} value={one}>
              {erasureWords(one)}
            </option>
          ))}
        </select>
      </label>
      <Ask
        action={erase.isPending ? m.erase_under_way() : m.customer_erase_do()}
        title={m.customer_erase_sure()}
        className="button button-bad"
        isDisabled={erase.isPending}
        isReady={typed.trim() === customerId}
        onYes={() => erase.mutate()}
      >
        <p>{m.erase_never_back()}</p>
        <label className="field">
          {m.customer_erase_type({ id: customerId })}
          <input value={typed} spellCheck={false} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
        </label>
      </Ask>
      {erase.error && <Failure error={erase.error} />}
    </section>
  );
}
