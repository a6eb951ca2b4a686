/** Of an R2 bucket, what is used. */
export type Bucket = Pick<R2Bucket, 'put' | 'get' | 'head' | 'list' | 'delete' | 'createMultipartUpload'>;

/** Optional: where results are kept. R2 has to be switched on in an account once. */
export interface ResultsBinding {
  readonly RESULTS?: Bucket;
}
