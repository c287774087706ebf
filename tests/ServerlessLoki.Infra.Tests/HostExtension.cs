using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ServerlessLoki.Infra.Tests;

/// <summary>Durable's extension of the Functions host, of the version that the app's package names. Read, never loaded.</summary>
internal static class HostExtension
{
    /// <summary>Public properties of one of its types.</summary>
    public static IReadOnlySet<string> PropertiesOf(string type)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "host", "Microsoft.Azure.WebJobs.Extensions.DurableTask.dll"));
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        var definition = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
            .Single(t => metadata.GetString(t.Name) == type && metadata.GetString(t.Namespace) == "Microsoft.Azure.WebJobs.Extensions.DurableTask");
        return definition.GetProperties().Select(p => metadata.GetString(metadata.GetPropertyDefinition(p).Name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
