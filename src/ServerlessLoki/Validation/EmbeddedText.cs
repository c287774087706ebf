namespace ServerlessLoki.Validation;

/// <summary>Texts embedded in an assembly.</summary>
internal static class EmbeddedText
{
    public static string Read(Type inAssembly, string name)
    {
        using var stream = inAssembly.Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
