using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ServerlessLoki.Infra.Tests;

/// <summary>What the Function app is built on: the real packages whenever it goes to Azure, whatever this machine's feed lacks.</summary>
public sealed class PublishingTests
{
    private const string Package = "Microsoft.Azure.Functions.Worker.Extensions.ServiceBus";
    private const string Scheduler = "Microsoft.Azure.Functions.Worker.Extensions.DurableTask.AzureManaged";
    private const string Own = "ServerlessLoki.Functions.ServiceBus";

    [Theory]
    [InlineData("PublishForAzure=true", "OwnServiceBusTrigger=true")]
    [InlineData("PublishForAzure=true", "OwnServiceBusTrigger=false")]
    [InlineData("_IsPublishing=true", "OwnServiceBusTrigger=true")] // what `dotnet publish` sets
    public void References_ForAzure_AreBothPackagesAndNeverOurOwnTrigger(params string[] properties)
    {
        var references = References(properties);

        Assert.Contains(Package, references);
        Assert.Contains(Scheduler, references);
        Assert.DoesNotContain(Own, references);
    }

    [Theory]
    [InlineData("false", Package, Own)]
    [InlineData("true", Own, Package)]
    public void References_OfAPlainBuild_GoByOwnServiceBusTrigger(string own, string taken, string left)
    {
        var references = References($"OwnServiceBusTrigger={own}");

        Assert.Contains(taken, references);
        Assert.DoesNotContain(left, references);
        Assert.DoesNotContain(Scheduler, references);
    }

    /// <summary>Packages and projects, by name, as MSBuild evaluates the project with these properties.</summary>
    private static List<string> References(params string[] properties)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["msbuild", "functions/ServerlessLoki.Functions.csproj", "-getItem:PackageReference,ProjectReference", .. properties.Select(p => $"-p:{p}")])
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        return [.. JsonNode.Parse(output)!["Items"]!.AsObject().SelectMany(i => i.Value!.AsArray(), (i, item) => item![i.Key == "ProjectReference" ? "Filename" : "Identity"]!.GetValue<string>())];
    }
}
