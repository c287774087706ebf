using System.Xml.Linq;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

public sealed class ProductTests
{
    [Fact]
    public void ProductProjects_ReferenceNoLocalCloud()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "ServerlessLoki.sln")))
            root = Path.GetDirectoryName(root)!;
        var projects = ((string[])["src", "functions"]).SelectMany(f => Directory.EnumerateFiles(Path.Combine(root, f), "*.csproj", SearchOption.AllDirectories)).ToArray();

        Assert.NotEmpty(projects);
        Assert.DoesNotContain(
            projects, static p => XDocument.Load(p).Descendants("ProjectReference").Any(static r => r.Attribute("Include")!.Value.Contains("LocalCloud", StringComparison.OrdinalIgnoreCase)));
    }
}
