using System.Collections.Immutable;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Labelled data of a user, read and checked whole.</summary>
/// <param name="Name">Name of the data set: that of its folder or file.</param>
/// <param name="Layout">Layout in words.</param>
/// <param name="Samples">Samples, at least one.</param>
/// <param name="Ignored">Columns and members that are not used.</param>
internal sealed record LabelledData(string Name, string Layout, ImmutableArray<Sample> Samples, ImmutableArray<string> Ignored)
{
    /// <summary>Layout of COCO's files.</summary>
    public const string Coco = "COCO";

    private const string Layouts = "folders that bear the names of classes, one COCO file (.json), one CSV file, or one file of JSON lines (.jsonl)";
    private static readonly string[] s_files = [".json", ".csv", ".jsonl", ".ndjson"];

    /// <summary>Reads a folder, or one of its files.</summary>
    /// <exception cref="BadInputException">The data have faults; lists them.</exception>
    public static LabelledData Read(string path, Pipeline pipeline)
    {
        if (QueryKinds.Of(pipeline) is not { } kind)
            throw new BadInputException($"--pipeline: queries of '{pipeline.Name}' bring tensors of numbers; measured are pipelines of pictures, sounds and texts");
        var faults = new DataFaults();
        var ignored = new SortedSet<string>(StringComparer.Ordinal);
        List<Sample>? samples;
        string layout;
        if (FileOf(path) is { } file)
        {
            var fields = new SampleFields(pipeline, kind, file.DirectoryName!, faults);
            (layout, samples) = file.Extension switch
            {
                ".csv" => ("CSV", CsvSamples.Read(file, fields, faults, ignored)),
                ".json" => (Coco, kind == QueryKind.Picture ? CocoFile.Read(file, faults) : null),
                _ => ("JSON lines", JsonLinesSamples.Read(file, fields, faults, ignored)),
            };
            if (samples is null)
                throw new BadInputException($"--data: '{file}' has no images, annotations and categories for a pipeline of pictures, allowed: {Layouts}");
        }
        else
        {
            if (kind == QueryKind.Text)
                throw new BadInputException($"--data: '{path}' has no CSV file and no JSON lines, which texts need");
            (layout, samples) = ("class folders", ClassFolders.Read(new DirectoryInfo(path), kind, faults));
        }

        faults.ThrowIfAny();
        return samples.Count == 0
            ? throw new BadInputException($"--data: '{path}' holds no sample, allowed: {Layouts}")
            : new LabelledData(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), layout, [.. samples], [.. ignored]);
    }

    /// <summary>Returns so many samples, spread evenly over all; all where there are no more, and for null.</summary>
    public LabelledData Limited(int? most) => most is not { } count || count >= Samples.Length
        ? this : this with { Samples = [.. Enumerable.Range(0, count).Select(i => Samples[(int)((long)i * Samples.Length / count)])] };

    private static FileInfo? FileOf(string path)
    {
        if (File.Exists(path))
        {
            return s_files.Contains(Path.GetExtension(path), StringComparer.Ordinal) ? new FileInfo(path) : throw new BadInputException($"--data: found '{path}', allowed: {Layouts}");
        }

        var files = new DirectoryInfo(path).EnumerateFiles().Where(static f => s_files.Contains(f.Extension, StringComparer.Ordinal)).OrderBy(static f => f.Name, StringComparer.Ordinal).ToArray();
        return files.Length > 1
            ? throw new BadInputException($"--data: '{path}' holds {string.Join(", ", files.Select(static f => f.Name))}: name one of them")
            : files.FirstOrDefault();
    }
}
