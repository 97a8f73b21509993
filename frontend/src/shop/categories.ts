/** What categories are called: in the reader's language as the catalog says, and by their name where it says nothing. */

import { useQuery } from '@tanstack/react-query';
import { useLanguage } from '../language/language';
import { categoriesQuery } from './catalog';

export function useCategoryName(): (name: string) => string {
  const language = useLanguage();
  const { data } = useQuery(categoriesQuery);
  return (name) => data?.categories.find((one) => one.name === name)?.title?.[language] ?? name;
}
