/** What each category is called in both languages; where nothing is said, shoppers read its name. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { body, newIdempotencyKey } from '../../api/client';
import { type Category, nameCategory } from '../../api/generated';
import { formatNumber, useLanguage } from '../../language/language';
import { Failure } from '../../page/Failure';
import { Loading } from '../../page/states';
import { m } from '../../paraglide/messages';
import { categoriesQuery } from '../../shop/catalog';

export function Categories() {
  const { data, error, isPending, refetch } = useQuery(categoriesQuery);
  return (
    <details className="panel">
      <summary>{m.categories_title()}</summary>
      {isPending ? (
        <Loading />
      ) : error ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : data.categories.length === 0 ? (
        <p>{m.categories_none()}</p>
      ) : (
        <ul className="lines">
          {data.categories.map((category) => (
            <One key={category.name} category={category} />
          ))}
        </ul>
      )}
    </details>
  );
}

function One({ category }: { category: Category }) {
  const language = useLanguage();
  const queries = useQueryClient();
  const [en, setEn] = useState(category.title?.en ?? '');
  const [ja, setJa] = useState(category.title?.ja ?? '');
  const save = useMutation({
    mutationFn: () => {
      // What other languages say stays.
      const title: Record<string, string> = { ...category.title };
      for (const [tag, text] of [['en', en.trim()], ['ja', ja.trim()]] as const) {
        if (text) title[tag] = text;
        else delete title[tag];
      }
      return body(nameCategory({ body: { name: category.name, title }, headers: { 'Idempotency-Key': newIdempotencyKey() } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['categories'] }),
  });
  const changed = en.trim() !== (category.title?.en ?? '') || ja.trim() !== (category.title?.ja ?? '');
  return (
    <li>
      <form
        className="row"
        aria-label={category.name}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <strong>
          {category.name} <small>{formatNumber(category.products, language)}</small>
        </strong>
        <label className="field">
          {m.categories_japanese()}
          <input lang="ja" value={ja} maxLength={200} onChange={(event) => setJa(event.target.value)} />
        </label>
        <label className="field">
          {m.categories_english()}
          <input lang="en" value={en} maxLength={200} placeholder={category.name} onChange={(event) => setEn(event.target.value)} />
        </label>
        <Button type="submit" className="button" isDisabled={!changed} isPending={save.isPending}>
          {m.console_save()}
        </Button>
      </form>
      {save.error && <Failure error={save.error} />}
    </li>
  );
}
