"""Kernels on instance types: the door at which jupyter_client knocks.

    provisioner  starts a kernel on its size; entry point ``mlstudio`` of ``jupyter_client.kernel_provisioners``
    shim         binds the process to its cores and memory, then becomes the kernel; standard library only
    choices      which size a kernel or notebook shall have, in small files below ``<home>/kernels``
    room         what a size means for a kernel here: GPUs leased, cores chosen, variables
    heartbeat    keeps the leases of living kernels
    usage        what kernels use now

A kernel on ``local``, which is what every kernel gets until somebody chooses, starts as it starts
without mlstudio: nothing is asked, leased or limited.

May import: the words, the store, `jobs.hosts` and `jobs.runner.limits`; jupyter_client, tornado's
HTTPError, psutil. The server's handlers may ask it; no other room knows it.
"""
