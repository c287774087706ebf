namespace ServerlessLoki.Cli.Annotate;

/// <summary>A small proportional font, drawn for this project: seven rows and two for descenders.</summary>
internal static class BitmapFont
{
    /// <summary>Rows of a glyph.</summary>
    public const int Height = 9;

    private const int SpaceWidth = 3;

    // Glyphs side by side with one blank column between them; '#' is ink.
    private static readonly (string Characters, string Art)[] Bands =
    [
        ("abcdefghijklmn", """
            .... #... .... ...# .... .## .... #... # .# #... #. ..... ....
            .... #... .... ...# .... #.. .... #... . .. #... #. ..... ....
            .##. ###. .### .### .##. ### .### ###. # .# #..# #. ####. ###.
            ...# #..# #... #..# #..# #.. #..# #..# # .# #.#. #. #.#.# #..#
            .### #..# #... #..# #### #.. #..# #..# # .# ##.. #. #.#.# #..#
            #..# #..# #... #..# #... #.. #..# #..# # .# #.#. #. #.#.# #..#
            .### ###. .### .### .### #.. .### #..# # .# #..# .# #.#.# #..#
            .... .... .... .... .... ... ...# .... . .# .... .. ..... ....
            .... .... .... .... .... ... ###. .... . #. .... .. ..... ....
            """),
        ("opqrstuvwxyz01", """
            .... .... .... ... .... .#. .... ..... ..... .... .... .... .##. .#
            .... .... .... ... .... .#. .... ..... ..... .... .... .... #..# ##
            .##. ###. .### #.# .### ### #..# #...# #...# #..# #..# #### #..# .#
            #..# #..# #..# ##. #... .#. #..# #...# #.#.# #..# #..# ...# #..# .#
            #..# #..# #..# #.. .##. .#. #..# .#.#. #.#.# .##. #..# .##. #..# .#
            #..# #..# #..# #.. ...# .#. #..# .#.#. #.#.# #..# #..# #... #..# .#
            .##. ###. .### #.. ###. ..# .### ..#.. .#.#. #..# .### #### .##. .#
            .... #... ...# ... .... ... .... ..... ..... .... ...# .... .... ..
            .... #... ...# ... .... ... .... ..... ..... .... ###. .... .... ..
            """),
        ("23456789.-%:/_", """
            .##. ###. ..#. #### .##. #### .##. .##. . ... #...# . ...# ....
            #..# ...# .##. #... #... ...# #..# #..# . ... ....# . ...# ....
            ...# ...# #.#. ###. ###. ..#. #..# #..# . ... ...#. # ..#. ....
            ..#. .##. #.#. ...# #..# ..#. .##. .### . ... ..#.. . ..#. ....
            .#.. ...# #### ...# #..# .#.. #..# ...# . ### .#... . .#.. ....
            #... ...# ..#. #..# #..# .#.. #..# ...# . ... #.... # #... ....
            #### ###. ..#. .##. .##. .#.. .##. .##. # ... #...# . #... ....
            .... .... .... .... .... .... .... .... . ... ..... . .... ####
            .... .... .... .... .... .... .... .... . ... ..... . .... ....
            """),
    ];

    private static readonly Dictionary<char, string[]> Glyphs = Read();

    /// <summary>Columns of a text, one blank column between glyphs.</summary>
    public static int Width(string text) => text.Sum(c => GlyphWidth(c) + 1) - 1;

    /// <summary>Calls <paramref name="ink"/> with column and row of each inked cell. Letters are drawn small; unknown characters as a dash.</summary>
    public static void Draw(string text, Action<int, int> ink)
    {
        var left = 0;
        foreach (var character in text)
        {
            if (character != ' ')
            {
                var glyph = Glyph(character);
                for (var row = 0; row < Height; row++)
                {
                    for (var column = 0; column < glyph[row].Length; column++)
                    {
                        if (glyph[row][column] == '#')
                            ink(left + column, row);
                    }
                }
            }

            left += GlyphWidth(character) + 1;
        }
    }

    private static int GlyphWidth(char character) => character == ' ' ? SpaceWidth : Glyph(character)[0].Length;

    private static string[] Glyph(char character) =>
        Glyphs.TryGetValue(char.ToLowerInvariant(character), out var glyph) ? glyph : Glyphs['-'];

    private static Dictionary<char, string[]> Read()
    {
        var glyphs = new Dictionary<char, string[]>();
        foreach (var (characters, art) in Bands)
        {
            var rows = art.Split('\n').Select(r => r.TrimEnd('\r').Split(' ')).ToArray();
            for (var i = 0; i < characters.Length; i++)
                glyphs[characters[i]] = [.. rows.Select(r => r[i])];
        }

        return glyphs;
    }
}
