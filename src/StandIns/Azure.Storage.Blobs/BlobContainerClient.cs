using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using Azure.Core;
using Azure.Storage.Blobs.Models;
using StandIns.Storage;

namespace Azure.Storage.Blobs;

public class BlobContainerClient
{
    private readonly StoragePipeline _pipeline;

    internal BlobContainerClient(Uri uri, string account, string name, StoragePipeline pipeline)
    {
        Uri = uri;
        AccountName = account;
        Name = name;
        _pipeline = pipeline;
    }

    protected BlobContainerClient()
    {
    }

    public virtual Uri Uri { get; }

    public virtual string AccountName { get; }

    public virtual string Name { get; }

    /// <summary>Null if the container was there, as the package has it.</summary>
    public virtual async Task<Response<BlobContainerInfo>> CreateIfNotExistsAsync(
        PublicAccessType publicAccessType = PublicAccessType.None,
        IDictionary<string, string> metadata = null,
        BlobContainerEncryptionScopeOptions encryptionScopeOptions = null,
        CancellationToken cancellationToken = default)
    {
        if (publicAccessType != PublicAccessType.None || metadata is not null || encryptionScopeOptions is not null)
            throw new NotSupportedException("Stand-in: BlobContainerClient.CreateIfNotExistsAsync takes no access type, metadata or encryption scope.");
        using var message = _pipeline.Message(RequestMethod.Put, new Uri(Uri.AbsoluteUri + "?restype=container"));
        var response = await _pipeline.SendAsync(message, cancellationToken, 409).ConfigureAwait(false);
        if (response.Status != 409)
            return Response.FromValue(new BlobContainerInfo(response), response);
        return BlobErrors.Code(response) == BlobErrorCode.ContainerAlreadyExists ? null : throw new RequestFailedException(response, null, BlobErrors.Parser);
    }

    public virtual BlobClient GetBlobClient(string blobName)
    {
        ArgumentException.ThrowIfNullOrEmpty(blobName);
        return new BlobClient(new Uri(Uri.AbsoluteUri + "/" + System.Uri.EscapeDataString(blobName)), Name, blobName, _pipeline);
    }

    public virtual AsyncPageable<BlobItem> GetBlobsAsync(BlobTraits traits, BlobStates states, string prefix, CancellationToken cancellationToken)
    {
        if (traits != BlobTraits.None || states != BlobStates.None)
            throw new NotSupportedException("Stand-in: BlobContainerClient.GetBlobsAsync takes no traits or states.");
        return new Pages<BlobItem>(null, (token, size, stop) => PageAsync(prefix, token, size, stop), cancellationToken);
    }

    private async Task<Page<BlobItem>> PageAsync(string prefix, string token, int? size, CancellationToken cancellationToken)
    {
        var uri = new RequestUriBuilder();
        uri.Reset(Uri);
        uri.AppendQuery("restype", "container", escapeValue: false);
        uri.AppendQuery("comp", "list", escapeValue: false);
        if (!string.IsNullOrEmpty(prefix))
            uri.AppendQuery("prefix", prefix, escapeValue: true);
        if (!string.IsNullOrEmpty(token))
            uri.AppendQuery("marker", token, escapeValue: true);
        if (size is { } top)
            uri.AppendQuery("maxresults", top.ToString(CultureInfo.InvariantCulture), escapeValue: false);
        using var message = _pipeline.Message(RequestMethod.Get, uri.ToUri());
        var response = await _pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        var root = XDocument.Load(response.Content.ToStream()).Root!;
        var items = root.Element("Blobs")!.Elements("Blob").Select(b => new BlobItem(b)).ToArray();
        return Page<BlobItem>.FromValues(items, root.Element("NextMarker")?.Value, response);
    }
}
