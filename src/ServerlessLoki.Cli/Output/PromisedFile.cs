namespace ServerlessLoki.Cli.Output;

/// <summary>Result file of long work: that it can be written is checked before the work starts, and it appears complete or not at
/// all.</summary>
internal sealed class PromisedFile : IDisposable
{
    private readonly string _unfinished;

    private PromisedFile(string path, string unfinished) => (Path, _unfinished) = (path, unfinished);

    /// <summary>Final path of the file.</summary>
    public string Path { get; }

    /// <summary>Creates the folder, if it is missing, and a temporary file in it.</summary>
    /// <param name="option">Option that named the file.</param>
    /// <param name="file">File to write; an existing one is replaced at the end.</param>
    /// <exception cref="BadInputException">The file cannot be written there.</exception>
    public static PromisedFile Claim(string option, FileInfo file)
    {
        var path = file.FullName;
        if (Directory.Exists(path))
            throw new BadInputException($"{option}: '{path}' is a folder, allowed: a file to write");
        var unfinished = System.IO.Path.Combine(file.DirectoryName!, $".{file.Name}.{Environment.ProcessId}.part");
        try
        {
            Directory.CreateDirectory(file.DirectoryName!);
            File.WriteAllBytes(unfinished, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new BadInputException($"{option}: '{path}' cannot be written: {e.Message}");
        }

        return new PromisedFile(path, unfinished);
    }

    /// <summary>Writes the content and moves the file into place.</summary>
    public async Task KeepAsync(string content, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(_unfinished, content, cancellationToken).ConfigureAwait(false);
        File.Move(_unfinished, Path, overwrite: true);
    }

    /// <summary>Deletes the unfinished file.</summary>
    public void Dispose() => File.Delete(_unfinished);
}
