using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A folder with the data of a published system. Paths are relative to it, with forward slashes.</summary>
public interface IImportFolder
{
    /// <summary>Name of the folder, for messages.</summary>
    string Name { get; }

    /// <summary>True when the file exists.</summary>
    /// <param name="path">Relative path.</param>
    bool Has(string path);

    /// <summary>Bytes of a file.</summary>
    /// <param name="path">Relative path.</param>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    byte[] Bytes(string path);

    /// <summary>Names of the files in a folder, sorted; empty when it does not exist.</summary>
    /// <param name="path">Relative path.</param>
    ImmutableArray<string> Files(string path);

    /// <summary>Names of the folders in a folder, sorted; empty when it does not exist.</summary>
    /// <param name="path">Relative path.</param>
    ImmutableArray<string> Folders(string path);
}
