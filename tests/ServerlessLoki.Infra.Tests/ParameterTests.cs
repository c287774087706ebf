using System.Text.RegularExpressions;
using ServerlessLoki.Infra.Tests.Bicep;

namespace ServerlessLoki.Infra.Tests;

/// <summary>main.parameters.json against main.bicep, the documentation and the sample pipeline.</summary>
public sealed partial class ParameterTests
{
    [Fact]
    public void Parameters_Names_AreThoseOfMain()
    {
        var declared = Repository.Main.Of(DeclarationKind.Parameter).ToList();

        // thisMonth is computed and never passed.
        Assert.Equal(declared.Select(d => d.Name).Where(n => n != "thisMonth").Order(StringComparer.Ordinal), Repository.Parameters().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Parameters_Defaults_AreThoseOfMain()
    {
        foreach (var (name, text) in Repository.Parameters())
        {
            var expected = Repository.Main.Of(DeclarationKind.Parameter).Single(p => p.Name == name).Value;
            var match = Variable().Match(text);
            Assert.True(match.Success, $"{name}: '{text}' is not one variable of azd");
            if (!match.Groups["default"].Success)
                continue;
            var given = match.Groups["default"].Value;

            Assert.Equal(expected switch { TextNode value => value.Literal, ConstantNode constant => constant.Text, _ => null }, given);
        }
    }

    [Fact]
    public void Parameters_OwnVariables_AreDocumented()
    {
        var documented = Repository.Text("infra/README.md") + Repository.Text("README.md");
        var own = Repository.Parameters().Values.Select(v => Variable().Match(v).Groups["name"].Value).Where(n => n.StartsWith("LOKI_", StringComparison.Ordinal));

        Assert.DoesNotContain(own, n => !documented.Contains($"`{n}`", StringComparison.Ordinal));
    }

    [Fact]
    public void DemandQueues_ScalerAndApp_NameTheSame()
    {
        var declared = Repository.Bicep["modules/service-bus.bicep"].Nodes().OfType<ObjectNode>().Select(o => o["name"]).OfType<TextNode>().Single(t => t.Literal is null);
        var watched = Repository.Bicep["modules/worker.bicep"].Nodes().OfType<ObjectNode>().Select(o => o["queueName"]).OfType<TextNode>().Single();

        Assert.Equal(["demand-", ""], declared.Pieces);
        Assert.Equal(["demand-", ""], watched.Pieces);
        Assert.Equal("demand-t4", ServerlessLoki.Azure.ServiceBus.DemandSignal.QueueOf("t4"));
    }

    [Fact]
    public void Kinds_DevicesAndProfiles_AreThoseOfThePlatform()
    {
        var kinds = ((ArrayNode)Repository.Main.Of(DeclarationKind.Variable).Single(v => v.Name == "kinds").Value!).Items.Cast<ObjectNode>()
            .ToDictionary(k => ((TextNode)k["name"]!).Literal!, k => ((TextNode)k["workloadProfileType"]!).Literal, StringComparer.Ordinal);

        Assert.Equal(["a100", "cpu", "t4"], kinds.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("Consumption", kinds["cpu"]);
        Assert.Equal("Consumption-GPU-NC8as-T4", kinds["t4"]);
        Assert.Equal("Consumption-GPU-NC24-A100", kinds["a100"]);
    }

    [GeneratedRegex(@"^\$\{(?<name>[A-Z0-9_]+)(=(?<default>[^}]*))?\}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
