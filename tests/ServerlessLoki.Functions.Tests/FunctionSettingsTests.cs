using Microsoft.Extensions.Configuration;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Functions.Setup;

namespace ServerlessLoki.Functions.Tests;

public sealed class FunctionSettingsTests
{
    private static readonly Dictionary<string, string?> Local = new(StringComparer.Ordinal)
    {
        ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
        ["ServiceBus"] = "Endpoint=sb://localhost;SharedAccessKey=secret",
        ["ServiceBus:administration"] = "Endpoint=sb://localhost:5300;SharedAccessKey=secret",
        ["Loki:Fleet:0:Device"] = "cpu",
        ["Loki:Fleet:0:MaxReplicas"] = "1",
        ["Loki:Fleet:0:SlotsPerReplica"] = "4",
    };

    [Fact]
    public void Read_LocalLeast_TakesDefaults()
    {
        var settings = Read(Local);

        Assert.Equal(("unified", 1, 60, true), (settings.Policy, (int)settings.Replan.TotalSeconds, (int)settings.StageTimeout.TotalSeconds, settings.IsLocalFleet));
        Assert.Equal("ewma:0.5+rising-trend", settings.Forecaster);
        Assert.Equal((TimeSpan.FromHours(6), 100_000), (settings.RunLimit, settings.MaxRuns));
        Assert.Equal(("payloads", 30), (settings.Azure.PayloadContainer, (int)settings.Azure.Lock.TotalSeconds));
        Assert.StartsWith("Endpoint=sb://localhost:5300", settings.Azure.ServiceBusAdministration, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ManyFaults_ListsThemAll()
    {
        var refused = Assert.Throws<SettingsException>(static () => Read(new(StringComparer.Ordinal)
        {
            ["Loki:LockSeconds"] = "4",
            ["Loki:ReplanSeconds"] = "often",
            ["Loki:BlobServiceUri"] = "blobs",
            ["Loki:Fleet:0:Device"] = "cpu",
            ["Loki:Fleet:0:MaxReplicas"] = "0",
            ["Loki:Policy"] = "unifed",
            ["Loki:Forecaster"] = "onnx:lstm.onnx",
        }));

        Assert.All(
            [
                "Loki__LockSeconds is '4'", "Loki__ReplanSeconds is 'often'", "Loki__BlobServiceUri is 'blobs'", "AzureWebJobsStorage", "ServiceBus__fullyQualifiedNamespace is not set",
                "Loki__Fleet__0__MaxReplicas: found 0", "Loki__Fleet__0__SlotsPerReplica: found 0", "Loki__Policy is 'unifed'",
                "Loki__Forecaster: Forecaster \"onnx:lstm.onnx\": models cannot be loaded here; allowed: envelope, ewma",
            ],
            fault => Assert.Contains(fault, refused.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Loki:Fleet:0:MaxReplicas", "many")]
    [InlineData("Loki:Fleet:0:Device", "")]
    [InlineData("Loki:Fleet:0:AppId", "an app")]
    public void Read_FleetFaulty_SaysSo(string key, string value) =>
        Assert.Contains("Loki__Fleet", Assert.Throws<SettingsException>(() => Read(new(Local) { [key] = value })).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_NoFleet_SaysSo() => Assert.Contains(
        "Loki__Fleet is not set",
        Assert.Throws<SettingsException>(static () => Read(Local.Where(s => !s.Key.StartsWith("Loki:Fleet", StringComparison.Ordinal)).ToDictionary())).Message,
        StringComparison.Ordinal);

    [Fact]
    public void ToString_Secrets_AreNotInIt() => Assert.DoesNotContain("secret", Read(Local).ToString(), StringComparison.Ordinal);

    private static FunctionSettings Read(Dictionary<string, string?> values) =>
        FunctionSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
}
