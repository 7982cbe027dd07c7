import type { Item } from "./portal-store.ts";

export type Page = {
  current_page: number;
  data: readonly Item[];
  first_page_url: string;
  from: number | null;
  next_page_url: string | null;
  path: string;
  per_page: number;
  prev_page_url: string | null;
  to: number | null;
};

export type PageOptions = { page: number; pageSize: number; path: string; nextPageSuffix: string };

/** Anything but a whole number from 1 up is page 1, as in Laravel: `2,` too. */
export function readPageNumber(query: URLSearchParams): number {
  const text = query.getAll("page").at(-1)?.trim() ?? "";
  const page = /^\+?[1-9]\d*$/.test(text) ? Number(text) : 1;
  return Number.isSafeInteger(page) ? page : 1;
}

/** The envelope of Laravel's `simplePaginate`: no total, no last page. */
export function makePage(items: readonly Item[], options: PageOptions): Page {
  const { page, pageSize, path, nextPageSuffix } = options;
  const start = (page - 1) * pageSize;
  const data = items.slice(start, start + pageSize);
  const hasMore = items.length > start + pageSize;
  return {
    current_page: page,
    data,
    first_page_url: `${path}?page=1`,
    from: data.length > 0 ? start + 1 : null,
    next_page_url: hasMore ? `${path}?page=${page + 1}${nextPageSuffix}` : null,
    path,
    per_page: pageSize,
    prev_page_url: page > 1 ? `${path}?page=${page - 1}` : null,
    to: data.length > 0 ? start + data.length : null,
  };
}
