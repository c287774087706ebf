using System.Text.Json.Nodes;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>main.parameters.json against main.bicep and the documentation, and what its values lead to.</summary>
public sealed class ParameterTests
{
    [Fact]
    public void Parameters_Names_AreThoseOfMain() =>
        // thisMonth is computed and never passed.
        Assert.Equal(Infrastructure.Main.Parameters.Select(p => p.Key).Where(n => n != "thisMonth").Order(StringComparer.Ordinal), ParameterFile.Texts.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Parameters_Defaults_AreThoseOfMain() =>
        Assert.All(ParameterFile.Texts.Keys, name =>
        {
            if (ParameterFile.VariableOf(name).Default is { } given)
                Assert.Equal(Infrastructure.Main.Parameters[name]!["defaultValue"]!.ToJsonString(), ParameterFile.Typed(name, given).ToJsonString());
        });

    [Fact]
    public void Parameters_OwnVariables_AreDocumented()
    {
        var documented = Repository.Text("infra/README.md") + Repository.Text("README.md");
        var own = ParameterFile.Texts.Keys.Select(p => ParameterFile.VariableOf(p).Name).Where(n => n.StartsWith("LOKI_", StringComparison.Ordinal));

        Assert.DoesNotContain(own, n => !documented.Contains($"`{n}`", StringComparison.Ordinal));
    }

    [Fact]
    public void DemandQueues_ScalerAndApp_NameTheSame()
    {
        var queues = Infrastructure.Everything.Of("Microsoft.ServiceBus/namespaces/queues").Select(q => PredictedDeployment.NameOf(q).Split('/')[1]);
        var workers = Infrastructure.Everything.Of("Microsoft.App/containerApps").ToList();

        Assert.All(workers, w => Assert.Equal(DemandSignal.QueueOf(PredictedDeployment.SettingsOf(w)["Loki__Device"]), QueueOf(w)));
        Assert.Equal(
            workers.Select(w => QueueOf(w)).Order(StringComparer.Ordinal),
            queues.Where(q => q != "stage-results").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Kinds_DevicesAndProfiles_AreThoseOfThePlatform()
    {
        var profiles = Infrastructure.Everything.The("Microsoft.App/managedEnvironments")["properties"]!["workloadProfiles"]!.AsArray()
            .ToDictionary(p => p!["name"]!.GetValue<string>(), p => p!["workloadProfileType"]!.GetValue<string>(), StringComparer.Ordinal);
        var kinds = Infrastructure.Everything.Of("Microsoft.App/containerApps")
            .ToDictionary(w => PredictedDeployment.SettingsOf(w)["Loki__Device"], w => profiles[w["properties"]!["workloadProfileName"]!.GetValue<string>()], StringComparer.Ordinal);

        Assert.Equal(["a100", "cpu", "t4"], kinds.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("Consumption", kinds["cpu"]);
        Assert.Equal("Consumption-GPU-NC8as-T4", kinds["t4"]);
        Assert.Equal("Consumption-GPU-NC24-A100", kinds["a100"]);
        Assert.Equal(3, profiles.Count);
    }

    [Fact]
    public void Default_Fleet_IsTheCpuAlone()
    {
        var worker = Infrastructure.Default.The("Microsoft.App/containerApps");

        Assert.Equal("cpu", PredictedDeployment.SettingsOf(worker)["Loki__Device"]);
        // Nothing of ours to run yet: no replica of the placeholder is started.
        Assert.Equal(0, worker["properties"]!["template"]!["scale"]!["minReplicas"]!.GetValue<int>());
        Assert.DoesNotContain(Infrastructure.Default.Resources, r => ArmTemplate.TypeOf(r).StartsWith("Microsoft.Network/", StringComparison.Ordinal));
        Assert.True(Infrastructure.Default.Outputs["LOKI_CPU_ENABLED"]!.GetValue<bool>());
        Assert.False(Infrastructure.Default.Outputs["LOKI_T4_ENABLED"]!.GetValue<bool>());
        Assert.False(Infrastructure.Default.Outputs["LOKI_A100_ENABLED"]!.GetValue<bool>());
    }

    [Fact]
    public void Fleet_WhatThePlannerIsTold_IsWhatTheWorkersHave()
    {
        var settings = Infrastructure.Everything.FunctionSettings;
        var workers = Infrastructure.Everything.Of("Microsoft.App/containerApps").ToList();

        for (var i = 0; i < workers.Count; i++)
        {
            var scale = workers[i]["properties"]!["template"]!["scale"]!;
            Assert.Equal(workers[i]["id"]!.GetValue<string>(), settings[$"Loki__Fleet__{i}__AppId"]);
            Assert.Equal(PredictedDeployment.SettingsOf(workers[i])["Loki__Device"], settings[$"Loki__Fleet__{i}__Device"]);
            Assert.Equal(PredictedDeployment.SettingsOf(workers[i])["Loki__Slots"], settings[$"Loki__Fleet__{i}__SlotsPerReplica"]);
            Assert.Equal(scale["minReplicas"]!.ToJsonString(), settings[$"Loki__Fleet__{i}__MinReplicas"]);
            Assert.Equal(scale["maxReplicas"]!.ToJsonString(), settings[$"Loki__Fleet__{i}__MaxReplicas"]);
        }

        Assert.Equal(3, workers.Count);
        Assert.DoesNotContain(settings.Keys, k => k.StartsWith("Loki__Fleet__3__", StringComparison.Ordinal));
    }

    private static string QueueOf(JsonObject worker) => PredictedDeployment.ScaleRuleOf(worker)["custom"]!["metadata"]!["queueName"]!.GetValue<string>();
}
