using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Azure.Core;
using Azure.Storage.Blobs.Models;
using StandIns.Storage;

namespace Azure.Storage.Blobs.Specialized;

public class BlobBaseClient
{
    internal BlobBaseClient(Uri uri, string container, string name, StoragePipeline pipeline)
    {
        Uri = uri;
        BlobContainerName = container;
        Name = name;
        Pipeline = pipeline;
    }

    protected BlobBaseClient()
    {
    }

    public virtual Uri Uri { get; }

    public virtual string BlobContainerName { get; }

    public virtual string Name { get; }

    internal StoragePipeline Pipeline { get; }

    public virtual async Task<Response<BlobDownloadResult>> DownloadContentAsync(CancellationToken cancellationToken)
    {
        using var message = Pipeline.Message(RequestMethod.Get, Uri);
        var response = await Pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        return Response.FromValue(new BlobDownloadResult(response.Content), response);
    }

    /// <summary>To a file, which is replaced; straight from the connection, so that size does not matter.</summary>
    public virtual async Task<Response> DownloadToAsync(string path, CancellationToken cancellationToken)
    {
        using var message = Pipeline.Message(RequestMethod.Get, Uri);
        message.BufferResponse = false;
        var response = await Pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        await using var content = message.ExtractResponseContent();
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
        await content.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
        return response;
    }

    public virtual async Task<Response<bool>> ExistsAsync(CancellationToken cancellationToken = default)
    {
        using var message = Pipeline.Message(RequestMethod.Head, Uri);
        var response = await Pipeline.SendAsync(message, cancellationToken, 404).ConfigureAwait(false);
        return Response.FromValue(response.Status != 404, response);
    }

    /// <summary>False if the blob or its container was not there.</summary>
    public virtual async Task<Response<bool>> DeleteIfExistsAsync(DeleteSnapshotsOption snapshotsOption = DeleteSnapshotsOption.None, BlobRequestConditions conditions = null, CancellationToken cancellationToken = default)
    {
        if (snapshotsOption != DeleteSnapshotsOption.None || conditions is not null)
            throw new NotSupportedException("Stand-in: BlobBaseClient.DeleteIfExistsAsync takes no snapshot option or condition.");
        using var message = Pipeline.Message(RequestMethod.Delete, Uri);
        var response = await Pipeline.SendAsync(message, cancellationToken, 404).ConfigureAwait(false);
        return Response.FromValue(response.Status != 404, response);
    }
}
