using System.Globalization;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Cli.Tests.Plugins;

/// <summary>Policies and forecasters of an assembly that this project does not reference.</summary>
public sealed class PluginFilesTests
{
    private static readonly string Scenario = Path.Combine(SampleScenarios.Directory, "rising-load.json");

    /// <summary>The sample app's own output folder, beside the folder of these tests.</summary>
    private static string Plugin
    {
        get
        {
            var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
            return Path.Combine(configuration.Parent!.Parent!.FullName, "ServerlessLoki.Samples.OwnApp", configuration.Name, "ServerlessLoki.Samples.OwnApp.dll");
        }
    }

    [Fact]
    public async Task Plan_PolicyOfAPlugin_IsNamedLikeABuiltInOne()
    {
        var (code, plan, error) = await Cli.JsonAsync("plan", "--plugin", Plugin, "--scenario", Scenario, "--policy", "leave-room");

        Assert.True(code == 0, error);
        Assert.Equal("leave-room", plan.GetProperty("policy").GetString());
        Assert.NotEmpty(plan.GetProperty("slots").EnumerateArray());
    }

    [Fact]
    public async Task Simulate_ForecasterOfAPluginInAScenarioFile_IsTaken()
    {
        var folder = Directory.CreateTempSubdirectory("loki-plugin-");
        try
        {
            // The files that it names lie beside the original.
            var text = (await File.ReadAllTextAsync(Scenario, TestContext.Current.CancellationToken)).Replace("\"../", string.Create(CultureInfo.InvariantCulture, $"\"{Path.GetDirectoryName(SampleScenarios.Directory)}/"), StringComparison.Ordinal);
            var own = Path.Combine(folder.FullName, "own.json");
            await File.WriteAllTextAsync(own, text.Insert(text.IndexOf('{', StringComparison.Ordinal) + 1, "\"forecaster\": \"surge:2\","), TestContext.Current.CancellationToken);

            var (without, _, refused) = await Cli.RunAsync("simulate", "--scenario", own, "--seed", "1");
            var (code, output, error) = await Cli.RunAsync("simulate", "--plugin", Plugin, "--scenario", own, "--seed", "1");

            Assert.Equal(2, without);
            Assert.True(code == 0, output + error + refused);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Plugins_ThatCannotBeUsed_AreListedAtOnce()
    {
        var (code, _, error) = await Cli.RunAsync(
            "plan", "--plugin", "nowhere.dll", "--plugin", Scenario, "--plugin", typeof(PluginFilesTests).Assembly.Location, "--plugin", Plugin, "--plugin", Plugin, "--scenario", Scenario);

        Assert.Equal(2, code);
        var faults = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Collection(
            faults,
            f => Assert.Contains("found 'nowhere.dll', there is no such file", f, StringComparison.Ordinal),
            f => Assert.Contains("rising-load.json", f, StringComparison.Ordinal),
            f => Assert.Contains("allowed: an assembly with a public class that implements ServerlessLoki.IPlugin", f, StringComparison.Ordinal),
            f => Assert.Contains("Two policies are named \"leave-room\"", f, StringComparison.Ordinal));
    }
}
