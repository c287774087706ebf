using System;
using Azure.Core;
using Azure.Core.Pipeline;
using StandIns.Storage;

namespace Azure.Storage.Blobs;

public class BlobServiceClient
{
    private readonly StoragePipeline _pipeline;

    public BlobServiceClient(string connectionString)
        : this(connectionString, null)
    {
    }

    public BlobServiceClient(string connectionString, BlobClientOptions options)
    {
        var connection = StorageConnection.Parse(connectionString, "Blob", 10000);
        Uri = connection.Endpoint;
        AccountName = connection.Account;
        _pipeline = Pipeline(options, new SharedKeyPolicy(connection.Account, connection.Key, lite: false));
    }

    public BlobServiceClient(Uri serviceUri, TokenCredential credential, BlobClientOptions options = null)
    {
        ArgumentNullException.ThrowIfNull(serviceUri);
        ArgumentNullException.ThrowIfNull(credential);
        Uri = serviceUri;
        AccountName = serviceUri.Host.Split('.')[0];
        _pipeline = Pipeline(options, StoragePipeline.Bearer(credential));
    }

    protected BlobServiceClient()
    {
    }

    public virtual Uri Uri { get; }

    public virtual string AccountName { get; }

    public virtual BlobContainerClient GetBlobContainerClient(string blobContainerName)
    {
        ArgumentException.ThrowIfNullOrEmpty(blobContainerName);
        return new BlobContainerClient(new Uri(Uri.AbsoluteUri.TrimEnd('/') + "/" + blobContainerName), AccountName, blobContainerName, _pipeline);
    }

    private static StoragePipeline Pipeline(BlobClientOptions options, HttpPipelinePolicy authentication)
    {
        options ??= new BlobClientOptions();
        return new StoragePipeline(options, authentication, options.VersionText, BlobErrors.Parser);
    }
}
