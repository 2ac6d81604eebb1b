"""Many recordings on a Ray cluster: `python -m onset.batch INPUT... --out DIR` (docs/batch.md).

The driver (`run`, `driver`) finds recordings (`inputs`, `walk`), hands each to the cluster (`cluster`) as one task
(`task`), and keeps the manifest (`ledger`). Only `cluster` knows Ray and only `urls` knows fsspec; both are imported
when needed.
"""
