namespace ServerlessLoki.Nats.Storage;

/// <summary>File of a pipeline's folder in the library.</summary>
/// <param name="Path">Path below the folder, with slashes.</param>
/// <param name="Hash">SHA-256 of the bytes, small hexadecimal digits: the name of the object.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record LibraryFile(string Path, string Hash, long Bytes);
