using Microsoft.Extensions.Configuration;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Settings;

public sealed class AppSettingsTests : IDisposable
{
    private readonly AppFolder _app = new();

    // They go into this process's environment, so they are this test's own.
    private readonly string _name = "Loki" + Guid.NewGuid().ToString("N");

    [Fact]
    public void Load_LocalSettings_AreAddedToTheEnvironmentWhichWins()
    {
        Environment.SetEnvironmentVariable(_name + "_Both", "environment");
        Environment.SetEnvironmentVariable(_name + "_Empty", "");
        _app.Write(AppSettings.LocalFile, $$"""{"Values": {"{{_name}}_Both": "file", "{{_name}}__Sub": "file", "{{_name}}_Empty": "file", } /* as Core Tools take it */}""");
        var settings = AppSettings.Load(_app.Path);
        Assert.Equal(("environment", "file", null), (settings[_name + "_Both"], settings[_name + ":Sub"], settings[_name + "_Empty"]));
        Assert.Equal("file", Environment.GetEnvironmentVariable(_name + "__Sub"));
    }

    [Theory]
    [InlineData("""{"IsEncrypted": true}""", "IsEncrypted is true")]
    [InlineData("""{"Values": []}""", "is not a settings file")]
    [InlineData("{", "is not a settings file")]
    public void Load_FileWithFaults_IsRefused(string json, string fault)
    {
        _app.Write(AppSettings.LocalFile, json);
        Assert.Contains(fault, Assert.Throws<SettingsException>(() => AppSettings.Load(_app.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_References_AreReplaced()
    {
        var settings = Of(("Queue", "orders"), ("A:B", "c"));
        Assert.Equal("orders-c-x", settings.Resolve("%Queue%-%A:B%-x"));
        Assert.Contains("'%None%' names the app setting 'None', which is not set", Assert.Throws<SettingsException>(() => settings.Resolve("%None%")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IsDisabled_TrueOrOne_IsOff()
    {
        var settings = Of(("AzureWebJobs.A.Disabled", "true"), ("AzureWebJobs.B.Disabled", "1"), ("AzureWebJobs.C.Disabled", "false"));
        Assert.Equal((true, true, false, false), (settings.IsDisabled("A"), settings.IsDisabled("B"), settings.IsDisabled("C"), settings.IsDisabled("D")));
    }

    public void Dispose() => _app.Dispose();

    private static AppSettings Of(params (string Name, string Value)[] settings) =>
        new(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build());
}
