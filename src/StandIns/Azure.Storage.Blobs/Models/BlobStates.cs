using System;

namespace Azure.Storage.Blobs.Models;

[Flags]
public enum BlobStates
{
    None = 0,
}
