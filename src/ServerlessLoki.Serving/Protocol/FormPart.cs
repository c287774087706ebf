namespace ServerlessLoki.Serving.Protocol;

/// <summary>Part of a form.</summary>
/// <param name="Name">Name of the field.</param>
/// <param name="IsFile">True where the part has a file name.</param>
/// <param name="Content">Bytes of the part, a slice of the body.</param>
internal sealed record FormPart(string Name, bool IsFile, ReadOnlyMemory<byte> Content);
