using System;

namespace Azure.Storage.Blobs.Models;

public class BlobDownloadResult
{
    internal BlobDownloadResult(BinaryData content) => Content = content;

    public BinaryData Content { get; }
}
