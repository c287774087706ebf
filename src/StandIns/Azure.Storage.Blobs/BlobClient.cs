using System;
using System.Threading;
using System.Threading.Tasks;
using Azure.Core;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using StandIns.Storage;

namespace Azure.Storage.Blobs;

public class BlobClient : BlobBaseClient
{
    internal BlobClient(Uri uri, string container, string name, StoragePipeline pipeline)
        : base(uri, container, name, pipeline)
    {
    }

    protected BlobClient()
    {
    }

    /// <summary>One request; the package would send very large content in blocks.</summary>
    public virtual async Task<Response<BlobContentInfo>> UploadAsync(BinaryData content, bool overwrite = false, CancellationToken cancellationToken = default)
    {
        using var message = Pipeline.Message(RequestMethod.Put, Uri);
        message.Request.Headers.SetValue("x-ms-blob-type", "BlockBlob");
        message.Request.Headers.SetValue("Content-Type", "application/octet-stream");
        if (!overwrite)
            message.Request.Headers.SetValue("If-None-Match", "*");
        message.Request.Content = RequestContent.Create(content);
        var response = await Pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        return Response.FromValue(new BlobContentInfo(response), response);
    }
}
