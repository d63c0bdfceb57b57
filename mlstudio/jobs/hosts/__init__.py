"""Hosts: what sizes there are, what this host has, who holds what of it.

    catalogue   the sizes that people know (``ml.m5.large``), and their own
    devices     the GPUs of this host: NVML, or made-up ones for tests
    capacity    cores, memory and GPUs of this host
    demand      what a job asks for, clipped to the host, with the sentences that say so
    leases      which cores and GPUs a holder gets; written in the store's table

A demand is made from a size and the capacity; leases turn it into a `Grant`, which travels in the
job's spec.json to the supervisor, which binds the process to it. Kernels and endpoints take leases
in the same way.

May import: the words, the store, the runner's limits.
"""
