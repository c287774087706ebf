namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>Files with one fault each, to see that the compiler and the rules of infra/bicepconfig.json report it.</summary>
internal static class FaultyFiles
{
    private const string UsesOther = "module a 'other.bicep' = {\n  name: 'a'\n  params: { needed: 'a' }\n}\n";

    public static readonly IReadOnlyDictionary<string, (string Source, string Expected)> All = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        ["syntax"] = ("param name strin g", "Error BCP"),
        ["unused-parameter"] = ("@description('One.')\nparam unused string", "Error no-unused-params"),
        ["unused-variable"] = ("var unused = 1", "Error no-unused-vars"),
        ["unused-import"] = ("import { one } from 'other.bicep'", "Error no-unused-imports"),
        ["unused-type"] = ("type unused = 'a' | 'b'", "Error no-unused-types"),
        ["unused-existing-resource"] = ("resource a 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {\n  name: 'abc'\n}", "Error no-unused-existing-resources"),
        ["undescribed-parameter"] = ("param name string\n@description('One.')\noutput out string = name", "Error use-description-params"),
        ["undescribed-output"] = ("output name string = 'a'", "Error use-description-outputs"),
        ["unknown-name"] = ("@description('One.')\noutput name string = missing", "Error BCP057"),
        ["unknown-function"] = ("@description('One.')\noutput name string = missing()", "Error BCP057"),
        ["unknown-module"] = ("module a 'missing.bicep' = {\n  name: 'a'\n}", "Error BCP091"),
        ["module-from-a-registry"] = ("module a 'br/public:avm/res/storage/storage-account:0.9.0' = {\n  name: 'a'\n}", "Error BCP190"),
        ["unknown-module-parameter"] = ("module a 'other.bicep' = {\n  name: 'a'\n  params: {\n    needed: 'a'\n    unknown: 'b'\n  }\n}", "Error BCP037"),
        ["missing-module-parameter"] = ("module a 'other.bicep' = {\n  name: 'a'\n}", "Error BCP035"),
        ["unknown-module-output"] = (UsesOther + "@description('One.')\noutput name string = a.outputs.unknown", "Error BCP053"),
        ["unknown-abbreviation"] = ("var abbreviations = loadJsonContent('abbreviations.json')\n@description('One.')\noutput name string = abbreviations.unknown", "Error BCP053"),
        ["unknown-version-of-a-type"] = ("@description('One.')\noutput id string = a.id\nresource a 'Microsoft.Storage/storageAccounts@1999-01-01' existing = {\n  name: 'abc'\n}", "Warning BCP081"),
        ["misspelt-property"] = ("resource a 'Microsoft.Storage/storageAccounts@2025-08-01' = {\n  name: 'abc'\n  location: 'global'\n  kind: 'StorageV2'\n  sku: { name: 'Standard_LRS' }\n  properties: { allowSharedKeyAcces: false }\n}", "Warning BCP089"),
    };

    /// <summary>Compiles and lints all of them in a folder of their own, by the product's rules.</summary>
    public static (BicepRun Build, BicepRun Lint) Report()
    {
        var folder = Directory.CreateTempSubdirectory("loki-bicep-").FullName;
        try
        {
            File.Copy(Path.Combine(Infrastructure.Folder, "bicepconfig.json"), Path.Combine(folder, "bicepconfig.json"));
            File.Copy(Path.Combine(Infrastructure.Folder, "abbreviations.json"), Path.Combine(folder, "abbreviations.json"));
            File.WriteAllText(Path.Combine(folder, "other.bicep"), "@export()\nvar one = 1\n\n@description('One.')\nparam needed string\n\n@description('It.')\noutput given string = needed\n");
            foreach (var (name, (source, _)) in All)
                File.WriteAllText(Path.Combine(folder, $"{name}.bicep"), source + "\n");
            return (BicepCompiler.BuildAll(folder, Path.Combine(folder, "out")), BicepCompiler.LintAll(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
