using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using NATS.Client.ObjectStore;
using NATS.Client.ObjectStore.Models;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Library of pipelines: one folder each with <c>pipeline.json</c>, <c>profile.csv</c> and model files. Files are objects by their
/// hash; the document <c>library</c> lists them, and changes as a whole.</summary>
public sealed class ModelLibrary
{
    private const string Document = "library";
    private const string PipelineFile = "pipeline.json";

    /// <summary>Largest part of a file in one message, bytes.</summary>
    private const int Chunk = 256 << 10;
    private readonly NatsLink _link;
    private readonly IStateStore _state;
    private readonly NatsObjContext _objects;
    private readonly string _bucket;

    /// <summary>Makes the library over a link that outlives it.</summary>
    /// <param name="link">Connection to the servers.</param>
    /// <param name="state">Store of the list.</param>
    public ModelLibrary(NatsLink link, IStateStore state)
    {
        ArgumentNullException.ThrowIfNull(link);
        (_link, _state) = (link, state);
        _objects = new NatsObjContext(link.JetStream);
        _bucket = link.Names.Bucket("models");
    }

    /// <summary>Lists the files of each pipeline's folder.</summary>
    public async Task<ImmutableSortedDictionary<string, ImmutableArray<LibraryFile>>> ListAsync(CancellationToken cancellationToken) =>
        Parse(await _state.FindDocumentAsync(Document, cancellationToken));

    /// <summary>Puts a pipeline's folder into the library, in place of the one of the same name; files that are there already are not sent
    /// again.</summary>
    /// <param name="name">Name of the folder in the library.</param>
    /// <param name="folder">Folder with a <c>pipeline.json</c>.</param>
    /// <param name="cancellationToken">Stops the call; the library is then as it was.</param>
    /// <returns>Number of files sent.</returns>
    /// <exception cref="FileNotFoundException">The folder has no pipeline file.</exception>
    public async Task<int> PushAsync(string name, string folder, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!File.Exists(Path.Combine(folder, PipelineFile)))
            throw new FileNotFoundException($"{folder} has no {PipelineFile}.");
        var store = await _link.Call.RunAsync("models.open", async stop => await _objects.CreateObjectStoreAsync(
            new NatsObjConfig(_bucket) { Storage = NatsObjStorageType.File, NumberOfReplicas = _link.Options.Replicas }, stop), cancellationToken);
        var files = new List<LibraryFile>();
        var sent = 0;
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            await using var stream = File.OpenRead(path);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            files.Add(new LibraryFile(Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), hash, stream.Length));
            if (await IsThereAsync(store, hash, cancellationToken))
                continue;
            stream.Position = 0;
            await store.PutAsync(new ObjectMetadata { Name = hash, Options = new MetaDataOptions { MaxChunkSize = Chunk } }, stream, leaveOpen: true, cancellationToken);
            sent++;
        }

        while (true)
        {
            var stored = await _state.ReadDocumentAsync(Document, cancellationToken);
            var json = JsonSerializer.Serialize(Parse(stored?.Json).SetItem(name, [.. files]));
            if (await _state.ReplaceDocumentAsync(Document, json, stored?.Version, cancellationToken) is not null)
                return sent;
        }
    }

    /// <summary>Brings the files of all pipelines to a local folder; files that are there already in the same version stay.</summary>
    /// <param name="folder">Local folder, created if needed.</param>
    /// <param name="wanted">Selects files by their path, such as <c>traffic/models/detect-n.onnx</c>; null = all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Paths of the pipeline files, by name.</returns>
    /// <exception cref="FileNotFoundException">The library is empty.</exception>
    /// <exception cref="InvalidDataException">A file's path leads out of the folder.</exception>
    public async Task<IReadOnlyList<string>> PullAsync(string folder, Func<string, bool>? wanted, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var root = Path.GetFullPath(folder);
        var library = await ListAsync(cancellationToken);
        if (library.IsEmpty)
            throw new FileNotFoundException("The cluster's library is empty: put a pipeline's folder there with 'loki cluster models push FOLDER'.");
        var store = await _link.Call.RunAsync("models.open", async stop => await _objects.GetObjectStoreAsync(_bucket, stop), cancellationToken);
        foreach (var (name, files) in library)
        {
            foreach (var file in files.Where(f => wanted is null || wanted($"{name}/{f.Path}")))
                await FetchAsync(store, file, root, Path.Combine(name, file.Path), cancellationToken);
        }

        return [.. library.Keys.Select(name => Path.Combine(root, name, PipelineFile))];
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<LibraryFile>> Parse(string? json) =>
        (json is null ? null : JsonSerializer.Deserialize<ImmutableSortedDictionary<string, ImmutableArray<LibraryFile>>>(json))
            ?.WithComparers(StringComparer.Ordinal) ?? ImmutableSortedDictionary.Create<string, ImmutableArray<LibraryFile>>(StringComparer.Ordinal);

    private static async Task<bool> IsThereAsync(INatsObjStore store, string hash, CancellationToken cancellationToken)
    {
        try
        {
            await store.GetInfoAsync(hash, cancellationToken: cancellationToken);
            return true;
        }
        catch (NatsObjNotFoundException)
        {
            return false;
        }
    }

    private static async Task FetchAsync(INatsObjStore store, LibraryFile file, string root, string relative, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(Path.Combine(root, relative));
        if (!path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"The file '{relative}' of the library leads out of {root}; allowed: paths below a pipeline's folder.");
        if (File.Exists(path) && await HashAsync(path, cancellationToken) == file.Hash)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // Whole or not at all: a process that is killed here leaves no half of a model.
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            await using (var stream = File.Create(part))
                await store.GetAsync(file.Hash, stream, leaveOpen: true, cancellationToken);
            if (await HashAsync(part, cancellationToken) is var found && found != file.Hash)
                throw new InvalidDataException($"The file '{relative}' of the library has the hash {found}, and its name says {file.Hash}: push the folder again.");
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }
}
