using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Clients of one storage account, each with the retries and limits of <see cref="StorageOptions"/>.</summary>
public sealed class StorageAccount
{
    private StorageAccount(TableServiceClient tables, BlobServiceClient blobs, StorageOptions options)
    {
        Tables = tables;
        Blobs = blobs;
        Options = options;
    }

    /// <summary>Client for the account's Table storage.</summary>
    public TableServiceClient Tables { get; }

    /// <summary>Client for the account's Blob storage.</summary>
    public BlobServiceClient Blobs { get; }

    /// <summary>Options of calls to the account.</summary>
    public StorageOptions Options { get; }

    /// <summary>Connects by identity, which is the only way on Azure, where shared keys are off.</summary>
    /// <param name="tableServiceUri">Address of Table storage, for example <c>https://NAME.table.core.windows.net</c>.</param>
    /// <param name="blobServiceUri">Address of Blob storage, for example <c>https://NAME.blob.core.windows.net</c>.</param>
    /// <param name="credential">Identity with the roles Storage Table Data Contributor and Storage Blob Data Contributor.</param>
    /// <param name="options">Options of calls; null for the defaults.</param>
    public static StorageAccount Connect(Uri tableServiceUri, Uri blobServiceUri, TokenCredential credential, StorageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tableServiceUri);
        ArgumentNullException.ThrowIfNull(blobServiceUri);
        ArgumentNullException.ThrowIfNull(credential);
        options = (options ?? new StorageOptions()).Checked();
        return new StorageAccount(
            new TableServiceClient(tableServiceUri, credential, With(new TableClientOptions(), "tables", options, options.TableTryTimeout, null)),
            new BlobServiceClient(blobServiceUri, credential, With(new BlobClientOptions(), "blobs", options, options.BlobTryTimeout, null)),
            options);
    }

    /// <summary>Connects by connection string, for the emulator: <c>UseDevelopmentStorage=true</c>.</summary>
    /// <exception cref="FormatException">The text is no connection string.</exception>
    public static StorageAccount ConnectLocally(string connectionString, StorageOptions? options = null) =>
        ConnectLocally(connectionString, options, transport: null);

    internal static StorageAccount ConnectLocally(string connectionString, StorageOptions? options, HttpPipelineTransport? transport)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        options = (options ?? new StorageOptions()).Checked();
        return new StorageAccount(
            new TableServiceClient(connectionString, With(new TableClientOptions(), "tables", options, options.TableTryTimeout, transport)),
            new BlobServiceClient(connectionString, With(new BlobClientOptions(), "blobs", options, options.BlobTryTimeout, transport)),
            options);
    }

    private static T With<T>(T client, string service, StorageOptions options, TimeSpan tryTimeout, HttpPipelineTransport? transport)
        where T : ClientOptions
    {
        client.Retry.Mode = RetryMode.Exponential;
        client.Retry.MaxRetries = options.Retries;
        client.Retry.Delay = options.RetryDelay;
        client.Retry.MaxDelay = options.LongestRetryDelay;
        client.Retry.NetworkTimeout = tryTimeout;
        client.AddPolicy(new TryMeter(service), HttpPipelinePosition.PerRetry);
        if (transport is not null)
            client.Transport = transport;
        return client;
    }
}
