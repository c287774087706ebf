using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Container of models: one folder per pipeline with <c>pipeline.json</c>, <c>profile.csv</c> and model files.</summary>
internal sealed class ModelContainer
{
    private const string PipelineFile = "pipeline.json";
    private readonly BlobContainerClient _container;
    private readonly TimeSpan _timeout;

    /// <summary>Makes the client over a storage account.</summary>
    /// <param name="account">Storage account.</param>
    /// <param name="container">Name of the container.</param>
    public ModelContainer(StorageAccount account, string container)
    {
        ArgumentNullException.ThrowIfNull(account);
        _container = account.Blobs.GetBlobContainerClient(container);
        _timeout = account.Options.BlobTimeout;
    }

    /// <summary>Downloads the files of every pipeline's folder to a local folder; files that are there already in the same version
    /// stay.</summary>
    /// <param name="folder">Local folder, created if needed.</param>
    /// <param name="wanted">Selects files by name in the container, such as <c>traffic/models/detect-n.onnx</c>; null = all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Paths of the pipeline files, by name.</returns>
    /// <exception cref="InvalidDataException">A blob's name leads out of the folder.</exception>
    public async Task<IReadOnlyList<string>> DownloadAsync(string folder, Func<string, bool>? wanted, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var root = Path.GetFullPath(folder);
        Directory.CreateDirectory(root);
        var blobs = new List<BlobItem>();
        await foreach (var blob in _container.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, cancellationToken))
            blobs.Add(blob);

        // A folder without its pipeline file is not served: it may be half uploaded.
        var pipelines = blobs.Select(static b => b.Name.Split('/')).Where(static n => n.Length == 2 && n[1] == PipelineFile).Select(static n => n[0])
            .Order(StringComparer.Ordinal).ToList();
        foreach (var blob in blobs.Where(b => pipelines.Contains(b.Name.Split('/')[0], StringComparer.Ordinal) && (wanted is null || wanted(b.Name))))
            await FetchAsync(blob, root, cancellationToken);
        return [.. pipelines.Select(p => Path.Combine(root, p, PipelineFile))];
    }

    private async Task FetchAsync(BlobItem blob, string root, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(Path.Combine(root, blob.Name));
        if (!path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"The blob '{blob.Name}' leads out of {root}; allowed: names below a pipeline's folder.");
        var (mark, version) = (path + ".etag", blob.Properties.ETag?.ToString() ?? "");
        if (version.Length > 0 && File.Exists(path) && File.Exists(mark) && await File.ReadAllTextAsync(mark, cancellationToken) == version)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // Whole or not at all: a process that is killed here leaves no half of a model.
        var part = path + ".part";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        await _container.GetBlobClient(blob.Name).DownloadToAsync(part, limit.Token);
        File.Delete(mark);
        File.Move(part, path, overwrite: true);
        await File.WriteAllTextAsync(mark, version, cancellationToken);
    }
}
