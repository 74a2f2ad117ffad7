# median(list): of numbers with blanks between. The tables of the benchmarks are made with it.
function median(list, n,    i, j, t, v) {
  n = split(list, v, " ")
  for (i = 1; i < n; i++) for (j = i + 1; j <= n; j++) if (v[j] + 0 < v[i] + 0) { t = v[i]; v[i] = v[j]; v[j] = t }
  return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
