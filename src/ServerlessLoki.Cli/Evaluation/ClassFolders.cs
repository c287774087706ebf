using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Reader of files in folders that bear the names of their classes.</summary>
internal static class ClassFolders
{
    /// <summary>Reads all folders, in the order of their names.</summary>
    public static List<Sample> Read(DirectoryInfo folder, QueryKind kind, DataFaults faults)
    {
        var samples = new List<Sample>();
        foreach (var label in folder.EnumerateDirectories().Where(static d => !d.Name.StartsWith('.')).OrderBy(static d => d.Name, StringComparer.Ordinal))
        {
            var before = samples.Count;
            var truths = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(SampleFields.Label, [label.Name]);
            foreach (var file in label.EnumerateFiles("*", SearchOption.AllDirectories).Where(static f => !f.Name.StartsWith('.')).OrderBy(static f => f.FullName, StringComparer.Ordinal))
            {
                var name = Path.GetRelativePath(folder.FullName, file.FullName);
                if (SampleFiles.Fault(kind, file.FullName, out _) is { } fault)
                    faults.Add(name, $"{fault}; take the file away or replace it");
                else
                    samples.Add(new Sample(name, new SampleInput(kind, [file.FullName])) { Truths = truths });
            }

            if (samples.Count == before)
                faults.Add(label.Name, "the folder of this class holds no file that can be used");
        }

        return samples;
    }
}
